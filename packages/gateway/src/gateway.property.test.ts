import { FAULTS } from '@paceline/simulator';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld, WIRE_NAMES } from './test-support/world.ts';
import type { FaultName, FaultRule } from '@paceline/simulator';
import type { GatewayError, ModelResult } from './index.ts';

const rule: fc.Arbitrary<FaultRule> = fc.record({
  fault: fc.constantFrom(...(Object.keys(FAULTS) as FaultName[])),
  probability: fc.constantFrom(0.3, 0.7, 1),
});

const scene = fc.record({
  seed: fc.nat(1_000_000),
  faults: fc.record(Object.fromEntries(WIRE_NAMES.map((wire) => [wire, fc.array(rule, { maxLength: 2 })]))),
  withinMs: fc.integer({ min: 1, max: 15_000 }),
  attempts: fc.integer({ min: 1, max: 5 }),
  cancelAtMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
});

test('whatever fails, a call settles by its deadline, with all attempts told and nothing left running', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ seed, faults, withinMs, attempts, cancelAtMs }) => {
      const world = createWorld({ seed, faults, config: { policy: { attempts } } });
      const { clock, gateway, simulator } = world;
      const ended: unknown[] = [];
      gateway.events.on('attempt-end', ({ record }) => ended.push(record));
      const controller = new AbortController();
      const cancel = cancelAtMs === undefined ? null : clock.setTimer(cancelAtMs, () => controller.abort());
      const call = gateway.generate(world.ask({ withinMs, signal: controller.signal }));
      const end: ModelResult | GatewayError = await clock.run(call.catch((error: GatewayError) => error));

      expect(clock.nowMs()).toBeLessThanOrEqual(Math.min(withinMs, cancelAtMs ?? withinMs));
      expect(end.attempts).toEqual(ended);
      expect(end.attempts.length).toBeLessThanOrEqual(attempts);
      expect(end.attempts.length).toBe(simulator.calls.length);
      expect(end.attempts.map(({ attempt }) => attempt)).toEqual(end.attempts.map((_, at) => at + 1));
      if ('text' in end) expect(end.attempts.at(-1)?.outcome).toBe('ok');
      else expect(end.name).toBe('GatewayError');

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
