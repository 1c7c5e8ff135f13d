import { quantile } from '../quantile.ts';
import type { CallSeen } from '../load.ts';
import type { IsolationSeen } from './world.ts';

/** What the flood did to the others, and what became of it. */
export interface IsolationFigures {
  readonly others: OthersFigures;
  readonly flooder: {
    readonly calls: number;
    /** 0 to 1. */
    readonly answered: number;
    /** Upstream requests, once the flood was known for what it is. */
    readonly attemptsPerCall: number;
    /** The longest time until one of its calls was refused without any upstream request, likewise; `null`: none was. */
    readonly refusedMs: number | null;
  };
  /** Targets whose breaker opened. */
  readonly opened: readonly string[];
  readonly leftBehind: number;
}

export interface OthersFigures {
  readonly calls: number;
  /** Answered in time, 0 to 1. */
  readonly success: number;
  /** Of the answers, with the flood and without it. */
  readonly p99Ms: number;
  readonly calmP99Ms: number;
}

/** After so long the flood is known for what it is. */
const KNOWN_AFTER_MS = 1_000;

/** @param calm the same run without the flood */
export function figuresOf(seen: IsolationSeen, calm: IsolationSeen): IsolationFigures {
  const { others, flooder, opened, leftBehind } = seen;
  const fromMs = flooder[0]?.atMs ?? 0;
  const known = flooder.filter(({ atMs }) => atMs >= fromMs + KNOWN_AFTER_MS);
  const refused = known.filter(({ code, attempts }) => code !== null && attempts === 0);
  return {
    others: {
      calls: others.length,
      success: answered(others).length / others.length,
      p99Ms: p99(answered(others)) ?? Number.POSITIVE_INFINITY,
      calmP99Ms: p99(answered(calm.others)) ?? Number.POSITIVE_INFINITY,
    },
    flooder: {
      calls: flooder.length,
      answered: answered(flooder).length / flooder.length,
      attemptsPerCall: known.reduce((sum, { attempts }) => sum + attempts, 0) / known.length,
      refusedMs: refused.length === 0 ? null : Math.max(...refused.map(({ ms }) => ms)),
    },
    opened,
    leftBehind,
  };
}

const answered = (calls: readonly CallSeen[]): readonly CallSeen[] =>
  calls.filter(({ code }) => code === null);

const p99 = (calls: readonly CallSeen[]): number | null =>
  quantile(
    calls.map(({ ms }) => ms),
    0.99,
  );
