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
  private wake: (() => void) | undefined;

  put(letter: Letter): void {
    this.letters.push(letter);
    this.wake?.();
    this.wake = undefined;
  }

  async next(): Promise<Letter> {
    for (;;) {
      const letter = this.letters.shift();
      if (letter !== undefined) return letter;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Answers whatever nobody will read any more. */
  refuseAll(): void {
    for (const letter of this.letters.splice(0)) letter.answered?.(false);
  }
}
