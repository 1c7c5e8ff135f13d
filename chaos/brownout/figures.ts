import { quantile } from '../quantile.ts';
import type { ChainSeen } from './chain.ts';
import type { Span } from './world.ts';

/** What became of the chains of one phase. */
export interface Figures {
  readonly chains: number;
  readonly inTime: number;
  /** 0 to 1. */
  readonly inTimeShare: number;
  /** Of all chains; one that failed or came late took for ever (`null`). */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly calls: number;
  readonly attemptsPerCall: number;
  readonly hedgesPerCall: number;
  /** Chains by why they failed. */
  readonly misses: Readonly<Record<string, number>>;
}

export interface PhaseFigures {
  readonly steady: Figures;
  /** Chains that a brown-out overlaps, be it by a millisecond. */
  readonly brownOut: Figures;
  readonly brownOuts: number;
}

/** The seconds after a brown-out, in which the provider is still avoided, belong to the steady phase. */
export function phaseFigures(chains: readonly ChainSeen[], spans: readonly Span[]): PhaseFigures {
  const hit = new Set(chains.filter((chain) => spans.some((span) => overlaps(chain, span))));
  return {
    steady: figuresOf(chains.filter((chain) => !hit.has(chain))),
    brownOut: figuresOf([...hit]),
    brownOuts: spans.length,
  };
}

const overlaps = ({ startedMs, endedMs }: ChainSeen, [fromMs, toMs]: Span): boolean =>
  startedMs < toMs && endedMs >= fromMs;

function figuresOf(chains: readonly ChainSeen[]): Figures {
  const took = chains.map(({ startedMs, endedMs, miss }) => (miss === null ? endedMs - startedMs : Infinity));
  const within = (q: number): number | null => {
    const ms = quantile(took, q) ?? Infinity;
    return ms === Infinity ? null : ms;
  };
  const sum = (of: (chain: ChainSeen) => number): number =>
    chains.reduce((total, chain) => total + of(chain), 0);
  const inTime = took.filter((ms) => ms < Infinity).length;
  const calls = sum((chain) => chain.calls);
  return {
    chains: chains.length,
    inTime,
    inTimeShare: inTime / chains.length,
    p50Ms: within(0.5),
    p95Ms: within(0.95),
    p99Ms: within(0.99),
    calls,
    attemptsPerCall: sum((chain) => chain.attempts) / calls,
    hedgesPerCall: sum((chain) => chain.hedges) / calls,
    misses: countOf(chains.flatMap(({ miss }) => miss ?? [])),
  };
}

function countOf(reasons: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
}
