import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { verdictOf } from '../verdict.ts';
import { afterFailure, fitting, openLineup, postponed } from './lineup.ts';
import type { Again, Candidate } from './lineup.ts';

const AGAIN: Again = {
  nowMs: 5_000,
  waitMs: 0,
  spentMs: 0,
  leftMs: 20_000,
  inHaste: false,
  isSibling: () => false,
};

const name = fc.constantFrom('a/1', 'b/2', 'c/3', 'd/4', 'e/5');

const lineup: fc.Arbitrary<Candidate[]> = fc.uniqueArray(
  fc.record({
    name,
    reason: fc.constantFrom('preferred', 'fallback', 'forced-probe'),
    tries: fc.integer({ min: 0, max: 3 }),
    notBeforeMs: fc.integer({ min: 0, max: 10_000 }),
  }),
  { selector: (candidate) => candidate.name },
);

const verdict = fc.constantFrom(
  verdictOf('PROVIDER_ERROR'),
  verdictOf('PROVIDER_STALLED'),
  verdictOf('RATE_LIMITED', 1_500),
  verdictOf('AUTH_REJECTED'),
  verdictOf('CONTENT_FILTERED'),
);

test('a failure never adds a candidate, and a verdict that stops leaves none', () => {
  fc.assert(
    fc.property(lineup, fc.nat(4), verdict, (candidates, at, why) => {
      const before = structuredClone(candidates);
      const failed = candidates[at];
      const failure = { name: failed?.name ?? 'z/26', verdict: why };
      const left = afterFailure(candidates, failure, { ...AGAIN, waitMs: 100 });
      expect(candidates).toEqual(before);
      if (!why.otherTarget) return void expect(left).toEqual([]);
      const names = left.map((each) => each.name);
      expect(new Set(names).size).toBe(names.length);
      const others = candidates.filter((each) => each !== failed);
      const barred = why.sameTarget === 'no' || failed?.reason === 'forced-probe';
      if (barred) expect(left).toEqual(others);
      for (const untouched of others) expect(left).toContainEqual(untouched);
    }),
  );
});

test('a target that was given up for a quicker one comes last', () => {
  fc.assert(
    fc.property(lineup, fc.nat(4), (candidates, at) => {
      const slow = candidates[at % candidates.length];
      if (slow === undefined) return;
      const left = postponed(candidates, slow.name);
      expect(left).toEqual([
        ...candidates.filter((each) => each !== slow),
        { ...slow, tries: slow.tries + 1 },
      ]);
    }),
  );
});

test('in haste nothing is waited for while another target is left', () => {
  fc.assert(
    fc.property(lineup, verdict, (candidates, why) => {
      const [failed, next] = candidates;
      if (failed === undefined || next === undefined || !why.otherTarget) return;
      const left = afterFailure(
        candidates,
        { name: failed.name, verdict: why },
        { ...AGAIN, waitMs: 1, inHaste: true },
      );
      expect(left[0]).toEqual(next);
    }),
  );
});

test('every line-up runs out in the second half of the time: no target is tried for ever under a verdict of last resort', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1 }), (names) => {
      let left = openLineup(names.map((each) => ({ name: each, reason: 'fallback' })));
      for (let failures = 0; failures < 2 * names.length; failures++) {
        const stalled = { name: left[0]?.name ?? '', verdict: verdictOf('PROVIDER_STALLED') };
        left = afterFailure(left, stalled, { ...AGAIN, spentMs: 20_001 });
      }
      expect(left).toEqual([]);
    }),
  );
});

test('no wait is begun that does not fit before the deadline', () => {
  fc.assert(
    fc.property(lineup, fc.integer({ min: 0, max: 12_000 }), (candidates, deadlineMs) => {
      const [next, ...others] = fitting(candidates, { nowMs: 1_000, deadlineMs, usualMs: () => 200 });
      if (next === undefined) return;
      if (next.tries > 0 || next.notBeforeMs > 1_000)
        expect(Math.max(1_000, next.notBeforeMs) + 200).toBeLessThan(deadlineMs);
      expect(others).toEqual(candidates.filter((each) => each.name !== next.name));
    }),
  );
});
