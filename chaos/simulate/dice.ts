import { seededRandom } from '@paceline/resilience';
import type { Random } from '@paceline/resilience';

/** Draws from one seed. Every part of a simulation has dice of its own, so that a new draw in one moves nothing in another. */
export class Dice {
  readonly random: Random;
  private readonly seed: string;

  constructor(seed: string) {
    this.seed = seed;
    this.random = seededRandom(seed);
  }

  of(part: string | number): Dice {
    return new Dice(`${this.seed}/${part}`);
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random.next() * (most - least + 1));
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.between(0, list.length - 1)] as T;
  }
}
