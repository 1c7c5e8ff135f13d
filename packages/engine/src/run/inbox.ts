import type { RunEvent } from './record.ts';

/** An event on its way to a run. */
export interface Letter {
  readonly event: RunEvent;
  /** Told whether the run took it, once that is durable. */
  readonly answered?: (taken: boolean) => void;
}

interface Reader {
  readonly resolve: (letter: Letter) => void;
  readonly reject: (reason: unknown) => void;
}

/** Events for one run, in the order they happened. One reader. */
export class Inbox {
  private readonly letters: Letter[] = [];
  private reader: Reader | undefined;
  private closed: { readonly reason: unknown } | undefined;
  private isOver = false;

  put(letter: Letter): void {
    if (this.isOver) letter.answered?.(false);
    else if (this.reader === undefined) this.letters.push(letter);
    else this.reader.resolve(letter);
    this.reader = undefined;
  }

  get isEmpty(): boolean {
    return this.letters.length === 0;
  }

  /** @throws what it was closed with */
  next(): Promise<Letter> {
    if (this.closed !== undefined) return Promise.reject(this.closed.reason);
    const letter = this.letters.shift();
    if (letter !== undefined) return Promise.resolve(letter);
    return new Promise((resolve, reject) => (this.reader = { resolve, reject }));
  }

  /** Nothing is read any more, not even what is there already. */
  close(reason: unknown): void {
    this.closed ??= { reason };
    this.reader?.reject(reason);
    this.reader = undefined;
  }

  /** Answers whatever nobody will read any more, also what is still to come. */
  refuseAll(): void {
    this.isOver = true;
    for (const letter of this.letters.splice(0)) letter.answered?.(false);
  }
}
