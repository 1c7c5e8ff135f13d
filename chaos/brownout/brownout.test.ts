import { expect, test } from 'vitest';
import { drive } from './drive.ts';
import { phaseFigures } from './figures.ts';
import { shortfalls, TARGETS } from './report.ts';
import type { ChainSeen } from './chain.ts';
import type { Drive } from './drive.ts';

/** 10 s, 200 chains, one brown-out: too few for a p99. */
const SHORT: Drive = {
  place: 'virtual',
  wire: 'openai',
  seed: 1,
  chains: 120,
  hedge: true,
  timeline: { warmUpMs: 4_000, steadyMs: 3_000, brownOutMs: 3_000 },
};

test('chains keep their deadline through a brown-out', async () => {
  const { steady, brownOut } = await drive(SHORT);
  expect([steady.inTimeShare, brownOut.inTimeShare]).toEqual([1, 1]);
  expect(steady.hedgesPerCall).toBeGreaterThan(0);
});

test('a gateway that makes one attempt loses the chains of the brown-out', async () => {
  const { steady, brownOut } = await drive({ ...SHORT, hedge: false, failover: false });
  // Some were about to end, or had not met it yet.
  expect(brownOut.inTimeShare).toBeLessThan(0.1);
  expect(steady.inTimeShare).toBeLessThan(0.9);
});

const chain = (startedMs: number, tookMs: number, seen: Partial<ChainSeen> = {}): ChainSeen => ({
  startedMs,
  endedMs: startedMs + tookMs,
  calls: 10,
  attempts: 10,
  hedges: 0,
  miss: null,
  ...seen,
});

const judge = (chains: readonly ChainSeen[]): readonly string[] => {
  const hedged = phaseFigures(chains, [[5_000, 6_000]]);
  const targets = TARGETS.virtual;
  return shortfalls({ place: 'virtual', wire: 'openai', seed: 1, targets, hedged, unhedged: hedged });
};

test('a chain that only touches the brown-out belongs to it', () => {
  const chains = [chain(4_000, 1_000), chain(5_999, 10), chain(4_000, 999), chain(6_000, 10)];
  const { steady, brownOut } = phaseFigures(chains, [[5_000, 6_000]]);
  expect([steady.chains, brownOut.chains]).toEqual([2, 2]);
});

test('each target can be missed', () => {
  const good = [chain(0, 600), chain(5_000, 600)];
  const late = { miss: 'LATE' };
  expect(judge(good)).toEqual([]);
  expect(judge([...good, chain(0, 600, late)])).toEqual(['steady: too few in time', 'steady: p99 too high']);
  expect(judge([...good, chain(0, 1_001)])).toEqual(['steady: p99 too high']);
  expect(judge([...good, chain(0, 600, { attempts: 14 })])).toEqual(['steady: too many attempts']);
  expect(judge([...good, chain(5_500, 600, late)])).toEqual(['brown-out: too few in time']);
});
