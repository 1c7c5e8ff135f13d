import type { JournalEntry, RunRecord } from 'paceline';
import type { Flow } from './flow.ts';
import type { World } from './world.ts';

/** How a simulated world stood when all was over. */
export interface Seen {
  readonly world: World;
  readonly flows: readonly Flow[];
  readonly histories: readonly History[];
  /** What replaying the journals found. */
  readonly replays: readonly string[];
  readonly timersLeft: number;
  readonly callsLeft: number;
  readonly listenersLeft: number;
  readonly unhandled: readonly string[];
}

/** A run as the journal holds it in the end. */
export interface History {
  readonly record: RunRecord;
  readonly entries: readonly JournalEntry[];
}

/** What a checker has looked at and what it has found wrong. */
export interface Finding {
  /** Things it was held against; over all seeds there have to be some. */
  readonly looked: number;
  /** One line each, with the evidence. */
  readonly violations: readonly string[];
}

export function both(...findings: readonly Finding[]): Finding {
  return {
    looked: findings.reduce((sum, { looked }) => sum + looked, 0),
    violations: findings.flatMap(({ violations }) => violations),
  };
}

/** Those of `list` that are seen more than once. */
export function repeats(list: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return list.filter((each) => seen.size === seen.add(each).size);
}
