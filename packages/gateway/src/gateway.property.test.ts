import { FAULTS } from '@paceline/simulator';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld, TARGETS, WIRE_NAMES } from './test-support/world.ts';
import type { FaultName, FaultRule } from '@paceline/simulator';
import type { AttemptRecord, GatewayError } from './index.ts';
import type { World } from './test-support/world.ts';

const rule: fc.Arbitrary<FaultRule> = fc.record({
  fault: fc.constantFrom(...(Object.keys(FAULTS) as FaultName[])),
  probability: fc.constantFrom(0.3, 0.7, 1),
});

const scene = fc.record({
  seed: fc.nat(1_000_000),
  faults: fc.record(Object.fromEntries(WIRE_NAMES.map((wire) => [wire, fc.array(rule, { maxLength: 2 })]))),
  withinMs: fc.integer({ min: 1, max: 15_000 }),
  attempts: fc.integer({ min: 1, max: 5 }),
  hedge: fc.boolean(),
  lessons: fc.constantFrom(0, 0, 0, 60),
  cancelAtMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
});

/** After the lessons, if there are any. */
const LESSONS_MS = 100_000;

type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

/** A world whose route hedges, and knows its targets if it has had lessons. */
async function playedIn(played: Scene): Promise<World> {
  const { seed, faults, attempts, hedge, lessons } = played;
  const late = Object.entries(faults).map(([wire, rules]) => [
    wire,
    rules.map((each) => ({ ...each, betweenMs: [LESSONS_MS, Infinity] as const })),
  ]);
  const roles = { classify: { targets: Object.values(TARGETS), hedge } };
  const world = createWorld({
    seed,
    faults: Object.fromEntries(late),
    config: { roles, policy: { attempts } },
  });
  // With one attempt a call the ordinary slowness of a target loses some of them.
  for (let lesson = 0; lesson < lessons; lesson++) await world.generate().catch(() => {});
  await world.clock.advance(LESSONS_MS - world.clock.nowMs());
  return world;
}

/** What a reader of the stream has in front of him at its end. */
async function shownBy(stream: ReturnType<World['gateway']['stream']>) {
  let text = '';
  try {
    for await (const event of stream) {
      if (event.type === 'end') return { end: event.result, text };
      text = event.type === 'restart' ? '' : text + event.text;
    }
  } catch (error) {
    return { end: error as GatewayError, text };
  }
  throw new Error('The stream has no end.');
}

test('whatever fails, a call settles by its deadline, with all attempts told and nothing left running', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (played) => {
      const world = await playedIn(played);
      const { withinMs, attempts, cancelAtMs } = played;
      const { clock, gateway, simulator } = world;
      const before = simulator.calls.length;
      const ended: AttemptRecord[] = [];
      gateway.events.on('attempt-end', ({ record }) => ended.push(record));
      const controller = new AbortController();
      const cancel = cancelAtMs === undefined ? null : clock.setTimer(cancelAtMs, () => controller.abort());
      const call = shownBy(gateway.stream(world.ask({ withinMs, signal: controller.signal })));
      const { end, text } = await clock.run(call);

      expect(clock.nowMs() - LESSONS_MS).toBeLessThanOrEqual(Math.min(withinMs, cancelAtMs ?? withinMs));
      expect(end.attempts).toEqual(ended.toSorted((a, b) => a.attempt - b.attempt));
      const hedges = end.attempts.filter(({ kind }) => kind === 'hedge');
      expect(hedges.length).toBeLessThanOrEqual(1);
      expect(end.attempts.length - hedges.length).toBeLessThanOrEqual(attempts);
      expect(end.attempts.length).toBe(simulator.calls.length - before);
      expect(end.attempts.map(({ attempt }) => attempt)).toEqual(end.attempts.map((_, at) => at + 1));
      if ('text' in end) {
        expect(end.attempts.filter(({ outcome }) => outcome === 'ok')).toHaveLength(1);
        expect(text).toBe(end.text);
      } else expect(end.name).toBe('GatewayError');

      cancel?.cancel();
      // A connection that upstream holds open after its answer gets one second to close.
      await clock.advance(1_000);
      expect(clock.pendingTimers()).toBe(0);
      expect(simulator.calls.filter((each) => each.ended === null)).toEqual([]);
      expect(gateway.targets().every(({ inFlight, queued }) => inFlight === 0 && queued === 0)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('hedges never exceed 5 % of the calls', async () => {
  const slow = fc.record({ seed: fc.nat(1_000_000), probability: fc.constantFrom(0.02, 0.2, 0.5) });
  await fc.assert(
    fc.asyncProperty(slow, async ({ seed, probability }) => {
      const { generate, ask, clock, gateway } = createWorld({
        seed,
        faults: { openai: [{ fault: 'stall', probability, forMs: 2_000 }] },
        config: { roles: { classify: { targets: Object.values(TARGETS), hedge: true } } },
      });
      await generate();
      let hedges = 0;
      gateway.events.on('attempt-start', ({ kind }) => (hedges += kind === 'hedge' ? 1 : 0));
      const calls = Array.from({ length: 200 }, async (_, nth) => {
        await new Promise<void>((resolve) => void clock.setTimer(nth * 50, resolve));
        return gateway.generate(ask());
      });
      await clock.run(Promise.all(calls));
      expect(hedges).toBeGreaterThan(0);
      expect(hedges).toBeLessThanOrEqual(0.05 * 201);
    }),
    { numRuns: 8 },
  );
});

test('the same seed gives the same attempts', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ seed, faults, withinMs }) => {
      const play = async () => {
        const { clock, gateway, ask } = createWorld({ seed, faults });
        const end = await clock.run(
          gateway.generate(ask({ withinMs })).catch((error: GatewayError) => error),
        );
        return end.attempts;
      };
      expect(await play()).toEqual(await play());
    }),
    { numRuns: 30 },
  );
});
