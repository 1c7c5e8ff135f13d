import type { RunEvent } from './record.ts';

/** An event on its way to a run. */
export interface Letter {
  readonly event: RunEvent;
  /** Told whether the run took it, once that is durable. */
  readonly answered?: (taken: boolean) => void;
}

/** Events for one run, in the order they happened. One reader. */
export class Inbox {
  private readonly letters: Letter[] = [];
  private reader: ((letter: Letter) => void) | undefined;

  put(letter: Letter): void {
    if (this.reader === undefined) this.letters.push(letter);
    else this.reader(letter);
    this.reader = undefined;
  }

  next(): Promise<Letter> {
    const letter = this.letters.shift();
    if (letter !== undefined) return Promise.resolve(letter);
    return new Promise((resolve) => (this.reader = resolve));
  }

  /** Answers whatever nobody will read any more. */
  refuseAll(): void {
    for (const letter of this.letters.splice(0)) letter.answered?.(false);
  }
}
