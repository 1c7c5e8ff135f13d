import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planRoute } from './plan.ts';
import type { RankedTarget, TargetHealth } from './plan.ts';

const health: fc.Arbitrary<TargetHealth> = fc.record({
  name: fc.constantFrom('a/1', 'b/2', 'c/3', 'd/4', 'e/5'),
  shutForMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60_000 })),
  recovering: fc.boolean(),
  missingKey: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.constant('SOME_KEY')),
  missingPackage: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.constant('some-package')),
  denied: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.constant('AUTH_REJECTED' as const)),
  otherTenant: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  lacks: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.constant('no-tools' as const)),
  share: fc.constant(null),
  unpriced: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
});

const ranking: fc.Arbitrary<RankedTarget[]> = fc
  .uniqueArray(health, { selector: ({ name }) => name, minLength: 1 })
  .map((targets) => targets.map((each, at) => ({ health: each, reason: at === 0 ? 'sticky' : 'fallback' })));

/** Nothing stands in its way that will not pass. */
const isComplete = ({ otherTenant, missingKey, missingPackage, lacks, denied, unpriced }: TargetHealth) =>
  !otherTenant && !missingKey && !missingPackage && !lacks && !denied && !unpriced;

const names = (targets: readonly { readonly name: string }[]) => targets.map(({ name }) => name);

test('a plan places each target once', () => {
  fc.assert(
    fc.property(ranking, (ranked) => {
      const { candidates, skipped } = planRoute(ranked, true);
      const all = ranked.map((each) => each.health.name);
      expect([...names(candidates), ...names(skipped)].toSorted()).toEqual(all.toSorted());
    }),
  );
});

test('healthy targets keep their order and reason, and come before recovering ones', () => {
  fc.assert(
    fc.property(ranking, (ranked) => {
      const { candidates } = planRoute(ranked, true);
      const usable = ranked.filter((each) => isComplete(each.health));
      const healthy = usable.filter(
        ({ health: { shutForMs, recovering } }) => shutForMs === 0 && !recovering,
      );
      const inFront = candidates.filter(({ reason }) => reason !== 'recovering');
      expect(candidates.slice(0, inFront.length)).toEqual(inFront);
      const kept = inFront.filter(({ name }) => healthy.some((each) => each.health.name === name));
      expect(kept).toEqual(healthy.map(({ health: { name }, reason }) => ({ name, reason })));
      // A probe goes first or not at all.
      expect(inFront.slice(1)).toEqual(kept.slice(kept.length - Math.max(0, inFront.length - 1)));
    }),
  );
});

test('the first target that could be used, recovering and free, is the one that is probed', () => {
  fc.assert(
    fc.property(ranking, (ranked) => {
      const reachable = ranked.filter((each) => isComplete(each.health) && each.health.shutForMs === 0);
      const { candidates } = planRoute(ranked, true);
      const [first] = reachable;
      if (first !== undefined)
        expect(candidates[0]).toEqual({ name: first.health.name, reason: first.reason });
    }),
  );
});

test('what is passed over says why, the lasting reason before the passing one', () => {
  fc.assert(
    fc.property(ranking, (ranked) => {
      for (const { name, reason } of planRoute(ranked, true).skipped) {
        const target = ranked.find((each) => each.health.name === name)?.health;
        if (target?.otherTenant) expect(reason).toBe('other-tenant');
        else if (target?.missingKey !== null) expect(reason).toBe('credential-missing');
        else if (target.missingPackage !== null) expect(reason).toBe('package-missing');
        else if (target.lacks !== null) expect(reason).toBe('no-tools');
        else if (target.unpriced) expect(reason).toBe('price-unknown');
        else expect(reason).toBe(target.denied === null ? 'breaker-open' : 'credential-rejected');
      }
    }),
  );
});

test("without failover a plan is the tenant's first target or nothing", () => {
  fc.assert(
    fc.property(ranking, (ranked) => {
      const { candidates } = planRoute(ranked, false);
      const first = ranked.find((each) => !each.health.otherTenant)?.health;
      const complete =
        first?.missingKey === null && first.missingPackage === null && !first.lacks && !first.unpriced;
      expect(candidates).toEqual(complete ? [{ name: first.name, reason: 'only-target' }] : []);
    }),
  );
});

test('planning changes nothing', () => {
  fc.assert(
    fc.property(ranking, (ranked) => {
      const before = structuredClone(ranked);
      expect(planRoute(ranked, true)).toEqual(planRoute(ranked, true));
      expect(ranked).toEqual(before);
    }),
  );
});
