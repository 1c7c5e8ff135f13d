import { getEventListeners } from 'node:events';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBulkhead } from './bulkhead.ts';
import { deadlineIn } from './deadline.ts';
import { createVirtualClock } from './virtual-clock.ts';

type Outcome = 'waiting' | 'served' | 'released' | 'refused';

interface Caller {
  readonly tenant: string;
  readonly rank: number;
  readonly cost: number;
  readonly controller: AbortController;
  outcome: Outcome;
  answers: number;
  error?: unknown;
  release?: () => void;
}

interface Ask {
  readonly tenant: string;
  readonly rank?: number;
  readonly cost?: number;
  readonly withinMs?: number;
}

function setUp(maxInFlight: () => number, maxQueued: number) {
  const clock = createVirtualClock();
  const bulkhead = createBulkhead({ maxInFlight, maxQueued, clock });
  const callers: Caller[] = [];
  const among = (outcome: Outcome, tenant?: string) =>
    callers.filter(
      (caller) => caller.outcome === outcome && (tenant === undefined || caller.tenant === tenant),
    );
  const acquire = ({ tenant, rank = 1, cost = 1, withinMs = Infinity }: Ask): Caller => {
    const controller = new AbortController();
    const caller: Caller = { tenant, rank, cost, controller, outcome: 'waiting', answers: 0 };
    callers.push(caller);
    const asked = bulkhead.acquire({
      deadline: deadlineIn(clock, withinMs),
      signal: controller.signal,
      tenant,
      rank,
      cost,
    });
    void asked.then(
      (release) => Object.assign(caller, { outcome: 'served', release, answers: caller.answers + 1 }),
      (error: unknown) => Object.assign(caller, { outcome: 'refused', error, answers: caller.answers + 1 }),
    );
    return caller;
  };
  const release = (caller: Caller | undefined): void => {
    if (caller === undefined) return;
    caller.outcome = 'released';
    caller.release!();
  };
  return { clock, bulkhead, callers, among, acquire, release };
}

const tenant = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      tenant,
      rank: fc.nat({ max: 3 }),
      cost: fc.integer({ min: 1, max: 10_000 }),
      withinMs: fc.constantFrom(5, 50, 500, Infinity),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('release' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), pick: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('limit' as const), to: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 20, 200, 11_000) }),
  },
);

const pickFrom = <T>(from: readonly T[], pick: number): T | undefined =>
  from[pick % Math.max(1, from.length)];

test('whatever happens: nobody lost, nobody answered twice, no place given beyond the limit or kept for nobody', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80, size: 'max' }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 6 }),
      async (steps, places, maxQueued) => {
        let limit = places;
        const { clock, bulkhead, callers, among, acquire, release } = setUp(() => limit, maxQueued);
        for (const next of steps) {
          const heldBefore = bulkhead.inFlight;
          if (next.do === 'acquire') acquire(next);
          if (next.do === 'release') release(pickFrom(among('served'), next.pick));
          if (next.do === 'abort') pickFrom(callers, next.pick)?.controller.abort('aborted');
          if (next.do === 'limit') {
            limit = next.to;
            bulkhead.wake();
          }
          await clock.advance(next.do === 'wait' ? next.ms : 0);

          expect(bulkhead.inFlight).toBe(among('served').length);
          expect(bulkhead.queued).toBe(among('waiting').length);
          expect(bulkhead.inFlight).toBeLessThanOrEqual(Math.max(limit, heldBefore));
          expect(bulkhead.queued).toBeLessThanOrEqual(maxQueued);
          const [first, ...others] = new Set(among('waiting').map((caller) => caller.tenant));
          // What stays free while somebody waits is the reserve of tenants that do not wait.
          if (first !== undefined) expect(limit - bulkhead.inFlight).toBeLessThanOrEqual(1);
          if (others.length === 2) expect(bulkhead.inFlight).toBeGreaterThanOrEqual(limit);
        }

        while (among('served').length > 0) {
          release(among('served')[0]);
          await clock.advance(0);
        }
        expect(callers.filter((caller) => caller.answers !== 1)).toEqual([]);
        expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0, oldestMs: 0 });
        expect(clock.pendingTimers()).toBe(0);
        for (const { controller } of callers) {
          expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
        }
      },
    ),
  );
});

test('two tenants that both wait differ in what they were served by one largest cost each', async () => {
  const costs = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(costs, costs, async (costsOfA, costsOfB) => {
      const { clock, among, acquire, release } = setUp(() => 1, 200);
      const gate = acquire({ tenant: 'gate' });
      for (const cost of costsOfA) acquire({ tenant: 'a', cost });
      for (const cost of costsOfB) acquire({ tenant: 'b', cost });
      await clock.advance(0);
      const served = { a: 0, b: 0, gate: 0 };
      const bound = Math.max(...costsOfA) + Math.max(...costsOfB);
      release(gate);
      await clock.advance(0);
      while (among('waiting', 'a').length > 0 && among('waiting', 'b').length > 0) {
        const [place] = among('served');
        served[place!.tenant as 'a' | 'b'] += place!.cost;
        expect(Math.abs(served.a - served.b)).toBeLessThanOrEqual(bound);
        release(place);
        await clock.advance(0);
      }
    }),
  );
});

test('a flood of one tenant never keeps another waiting that asks for one place at a time', async () => {
  const flood = fc.array(fc.record({ calls: fc.integer({ min: 0, max: 40 }), ends: fc.nat({ max: 20 }) }), {
    minLength: 1,
    maxLength: 15,
  });
  await fc.assert(
    fc.asyncProperty(flood, fc.integer({ min: 2, max: 20 }), async (waves, limit) => {
      const { clock, bulkhead, among, acquire, release } = setUp(() => limit, 30);
      release(await served(acquire({ tenant: 'quiet' })));
      for (const { calls, ends } of waves) {
        for (let call = 0; call < calls; call++) acquire({ tenant: 'flood', cost: 1 });
        await clock.advance(500);
        const asked = await served(acquire({ tenant: 'quiet', cost: 10_000 }));
        expect(bulkhead.inFlight).toBeLessThanOrEqual(limit);
        for (const place of among('served', 'flood').slice(0, ends)) release(place);
        await clock.advance(500);
        release(asked);
      }

      async function served(caller: Caller): Promise<Caller> {
        await clock.advance(0);
        expect(caller.outcome).toBe('served');
        return caller;
      }
    }),
  );
});

test('a full queue never drops a more critical waiter, and a newcomer only with reason', async () => {
  const asks = fc.array(fc.record({ tenant, rank: fc.nat({ max: 3 }) }), { maxLength: 40, size: 'max' });
  await fc.assert(
    fc.asyncProperty(asks, fc.integer({ min: 1, max: 6 }), async (sequence, maxQueued) => {
      const { clock, among, acquire } = setUp(() => 1, maxQueued);
      acquire({ tenant: 'gate' });
      await clock.advance(0);
      for (const ask of sequence) {
        const before = among('waiting');
        const newcomer = acquire(ask);
        await clock.advance(0);
        const [dropped] = [...before, newcomer].filter((caller) => caller.outcome === 'refused');
        if (before.length < maxQueued) {
          expect(dropped).toBeUndefined();
        } else if (dropped === newcomer) {
          expect(Math.max(...before.map((caller) => caller.rank))).toBeLessThanOrEqual(ask.rank);
        } else {
          expect(dropped!.rank).toBe(Math.max(...before.map((caller) => caller.rank)));
          expect(dropped!.rank).toBeGreaterThanOrEqual(ask.rank);
        }
      }
    }),
  );
});
