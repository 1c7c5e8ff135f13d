import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { createShedder } from './shedding.ts';
import { cannedFetch, cannedGateway, request } from './test-support/canned.ts';
import { createWorld, TARGETS } from './test-support/world.ts';
import type { Clock } from '@paceline/resilience';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { Criticality, GatewayError, GatewayEvents } from './index.ts';

const LEVELS: readonly Criticality[] = ['sheddable', 'sheddable-plus', 'critical', 'critical-plus'];

describe('a busy process', () => {
  test('refuses the least critical first, and the most critical never', async () => {
    const loop = { p99Ms: 0 };
    const clock = createVirtualClock();
    const shedder = createShedder(loop, clock);
    const refusedAt = async (p99Ms: number) => {
      loop.p99Ms = p99Ms;
      for (let ms = 0; ms <= 1_000; ms += 250) {
        shedder.refuses('critical-plus');
        await clock.advance(250);
      }
      return LEVELS.filter((each) => shedder.refuses(each));
    };
    expect(await refusedAt(50)).toEqual([]);
    expect(await refusedAt(51)).toEqual(['sheddable']);
    expect(await refusedAt(101)).toEqual(['sheddable', 'sheddable-plus']);
    expect(await refusedAt(201)).toEqual(['sheddable', 'sheddable-plus', 'critical']);
    expect(await refusedAt(10_000)).toEqual(['sheddable', 'sheddable-plus', 'critical']);
    expect(await refusedAt(0)).toEqual([]);
  });

  test('that was late once, or before a pause, refuses nobody', async () => {
    const loop = { p99Ms: 900 };
    const clock = createVirtualClock();
    const shedder = createShedder(loop, clock);
    expect(shedder.refuses('sheddable')).toBe(false);
    await clock.advance(900);
    expect(shedder.refuses('sheddable')).toBe(false);
    await clock.advance(1_000);
    expect(shedder.refuses('sheddable')).toBe(false);
    await clock.advance(999);
    expect(shedder.refuses('sheddable')).toBe(false);
    loop.p99Ms = 0;
    expect(shedder.refuses('sheddable')).toBe(false);
    loop.p99Ms = 900;
    await clock.advance(1);
    expect(shedder.refuses('sheddable')).toBe(false);
  });

  test('sheds calls with an event and without an attempt', async () => {
    const virtual = createVirtualClock();
    const { fetch, requests } = cannedFetch({ chunks: [], end: 'open' });
    const { gateway } = cannedGateway('openai', fetch, { clock: lateClock(virtual, 120) });
    const shed: GatewayEvents['call-shed'][0][] = [];
    gateway.events.on('call-shed', (event) => shed.push(event));
    const hangUp = new AbortController();
    const ask = (criticality: Criticality) =>
      gateway.generate(request({ criticality, tenant: 'a', signal: hangUp.signal })).catch(codeOf);

    const calls = [ask('critical')];
    for (let ms = 0; ms < 2_000; ms += 500) {
      await virtual.advance(500);
      calls.push(ask('critical'));
    }
    expect(gateway.health()).toMatchObject({ loopDelayMs: 120, tenants: [{ tenant: 'a', inFlight: 5 }] });
    expect(await ask('sheddable')).toBe('SHED');
    expect(await ask('sheddable-plus')).toBe('SHED');
    expect(shed).toMatchObject([
      { tenant: 'a', criticality: 'sheddable', code: 'SHED' },
      { tenant: 'a', criticality: 'sheddable-plus', code: 'SHED' },
    ]);
    await virtual.advance(0);
    expect(requests).toHaveLength(5);

    hangUp.abort();
    expect(await virtual.run(Promise.all(calls))).toEqual(calls.map(() => 'CANCELLED'));
    expect(gateway.health()).toMatchObject({ tenants: [] });
    expect(virtual.pendingTimers()).toBe(0);
  });
});

describe('a tenant', () => {
  const onePlace = { config: { policy: { maxInFlightPerTenant: 1 } } };

  test('has no more calls in flight than the policy allows, over all targets; the others do not notice', async () => {
    const { gateway, ask, clock } = createWorld(onePlace);
    const calls = ['a', 'a', 'b'].map((tenant) => gateway.generate(ask({ tenant })));
    await clock.advance(1);
    expect(gateway.health().tenants).toEqual([
      { tenant: 'a', inFlight: 1, queued: 1 },
      { tenant: 'b', inFlight: 1, queued: 0 },
    ]);
    await clock.run(Promise.all(calls));
    expect(gateway.health().tenants).toEqual([]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('with too many waiting is told so at once, and gives up waiting at its deadline or on abort', async () => {
    const { gateway, ask, clock } = createWorld(onePlace);
    const shed: string[] = [];
    gateway.events.on('call-shed', ({ code }) => shed.push(code));
    const abort = new AbortController();
    const calls = [
      ask(),
      ask({ signal: abort.signal }),
      ask({ withinMs: 10 }),
      ...Array.from({ length: 3 }, () => ask()),
    ].map((each) => gateway.generate(each).then(() => 'ok', codeOf));
    await clock.advance(1);
    abort.abort();
    expect(await clock.run(Promise.all(calls))).toEqual([
      'ok',
      'CANCELLED',
      'DEADLINE_EXCEEDED',
      'ok',
      'ok',
      'QUEUE_FULL',
    ]);
    expect(shed).toEqual(['QUEUE_FULL', 'CANCELLED', 'DEADLINE_EXCEEDED']);
  });
});

test('without guards nothing is held back: the control', async () => {
  const { gateway, failure, ask, clock, simulator } = createWorld({
    targets: [TARGETS.openai],
    faults: { openai: [{ fault: 'overloaded', rows: [0, 40] }] },
    config: { policy: { guards: false, maxInFlightPerTarget: 1, maxInFlightPerTenant: 1 } },
  });
  for (let call = 0; call < 40; call++) expect((await failure()).attempts).toHaveLength(3);
  const calls = Array.from({ length: 200 }, () => gateway.generate(ask()));
  const results = await clock.run(Promise.all(calls));
  expect(results.every(({ attempts }) => attempts.length === 1)).toBe(true);
  expect(simulator.calls).toHaveLength(320);
});

const codeOf = (error: GatewayError): string => error.code;

/** As in a process that computes all the time, each timer comes late. */
function lateClock(clock: VirtualClock, lateMs: number): Clock {
  return {
    ...clock,
    setTimer(delayMs, fire) {
      const timer = clock.setTimer(delayMs + lateMs, fire);
      return { cancel: () => timer.cancel(), reset: (againMs) => timer.reset(againMs + lateMs) };
    },
  };
}
