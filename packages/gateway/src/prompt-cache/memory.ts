import type { Clock } from '@paceline/resilience';
import type { Beginning } from './beginnings.ts';

/** Which prompts a target has answered lately. A provider's cache belongs to a credential and a model, so to a target. */
export interface PromptMemory {
  /** The longest of the beginnings that an answered prompt had too; undefined if none had. */
  known(target: string, beginnings: readonly Beginning[]): KnownBeginning | undefined;
  remember(target: string, beginnings: readonly Beginning[], forMs: number): void;
}

export interface KnownBeginning extends Beginning {
  /** It was a whole prompt once, so that this one continues or repeats it. */
  readonly whole: boolean;
}

/** Beginnings of all targets together; the one unused the longest is forgotten first. About 2 MB. */
const MOST_REMEMBERED = 10_000;

interface Entry {
  readonly untilMs: number;
  readonly whole: boolean;
}

export function createPromptMemory(clock: Clock): PromptMemory {
  const entries = new Map<string, Entry>();
  const alive = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    return entry !== undefined && entry.untilMs > clock.nowMs() ? entry : undefined;
  };
  return {
    known(target, beginnings) {
      for (const each of beginnings.toReversed()) {
        const entry = alive(`${target} ${each.key}`);
        if (entry !== undefined) return { ...each, whole: entry.whole };
      }
      return undefined;
    },
    remember(target, beginnings, forMs) {
      for (const [at, { key }] of beginnings.entries()) {
        const name = `${target} ${key}`;
        const whole = at === beginnings.length - 1 || alive(name)?.whole === true;
        entries.delete(name);
        entries.set(name, { untilMs: clock.nowMs() + forMs, whole });
      }
      for (const oldest of entries.keys()) {
        if (entries.size <= MOST_REMEMBERED) break;
        entries.delete(oldest);
      }
    },
  };
}
