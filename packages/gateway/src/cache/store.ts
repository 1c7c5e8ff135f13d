import type { Clock } from '@paceline/resilience';
import type { ModelResult } from '../result.ts';

export interface AnswerStoreOptions {
  readonly clock: Clock;
  /** How long an answer may be given again, in milliseconds. */
  readonly ttlMs: number;
  /** Of all answers together, about. */
  readonly maxBytes: number;
}

/** Answers by key, the one that was used longest ago forgotten first. */
export interface AnswerStore {
  get(key: string): ModelResult | undefined;
  put(key: string, answer: ModelResult): void;
}

interface Kept {
  readonly answer: ModelResult;
  readonly bytes: number;
  readonly expiresMs: number;
}

export function createAnswerStore({ clock, ttlMs, maxBytes }: AnswerStoreOptions): AnswerStore {
  /** In the order of their last use. */
  const kept = new Map<string, Kept>();
  let bytes = 0;

  const forget = (key: string): void => {
    bytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };

  return {
    get(key) {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      if (found.expiresMs <= clock.nowMs()) {
        forget(key);
        return undefined;
      }
      kept.delete(key);
      kept.set(key, found);
      return found.answer;
    },
    put(key, answer) {
      forget(key);
      const size = sizeOf(key, answer);
      if (size > maxBytes) return;
      kept.set(key, { answer, bytes: size, expiresMs: clock.nowMs() + ttlMs });
      bytes += size;
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) return;
        forget(oldest);
      }
    },
  };
}

/** What a small object takes beside its text. */
const OVERHEAD_BYTES = 512;

/** Strings take up to two bytes a character in memory. */
function sizeOf(key: string, answer: ModelResult): number {
  return 2 * (key.length + JSON.stringify(answer).length) + OVERHEAD_BYTES;
}
