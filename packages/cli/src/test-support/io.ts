import { systemClock, systemRandom } from '@paceline/resilience';
import type { Interruption } from '../interruption.ts';
import type { Io } from '../io.ts';

/** An `Io` for tests: it records what is written and lets the test press Ctrl-C. */
export interface TestIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
  /** Exit codes of processes ended at once. */
  readonly exits: readonly number[];
  /** @default 'interrupt' */
  interrupt(cause?: Interruption): void;
  /** True while the command listens for Ctrl-C. */
  listening(): boolean;
}

export function testIo(overrides: Partial<Io> = {}): TestIo {
  const written = { out: '', err: '' };
  const exits: number[] = [];
  const listeners = new Set<(cause: Interruption) => void>();
  return {
    stdin: (async function* () {})(),
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env: {},
    cwd: process.cwd(),
    clock: systemClock,
    random: systemRandom,
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exit: (code) => void exits.push(code),
    ...overrides,
    out: () => written.out,
    err: () => written.err,
    exits,
    interrupt(cause = 'interrupt') {
      for (const listener of listeners) listener(cause);
    },
    listening: () => listeners.size > 0,
  };
}
