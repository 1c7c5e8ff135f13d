import { systemClock } from '@paceline/resilience';
import { createSimulator } from '@paceline/simulator';
import { afterEach, expect, test } from 'vitest';
import { createGateway } from './index.ts';
import { request } from './test-support/canned.ts';
import { TARGETS, WIRE_NAMES } from './test-support/world.ts';
import type { SimulatedCall } from '@paceline/simulator';
import type { AttemptRecord, ModelRequest } from './index.ts';
import type { WireName } from './test-support/world.ts';

/** Long enough for nothing here to come to its end by itself. */
const ENDLESS = { firstTokenMs: { p50: 1, p95: 2 }, tokensPerSecond: 5 };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const ask = (signal: AbortSignal): ModelRequest =>
  request({ signal, deadline: { atMs: systemClock.nowMs() + 60_000 } });

/** One provider on a socket of the loopback address, and a gateway that calls it as it would call any other. */
async function onSocket(wire: WireName) {
  const ended = Promise.withResolvers<SimulatedCall>();
  const simulator = createSimulator({
    seed: 1,
    scenario: { providers: { [wire]: { wire, latency: ENDLESS } } },
    onCallEnd: ended.resolve,
  });
  const listening = await simulator.listen();
  const gateway = createGateway({
    roles: { classify: [TARGETS[wire]] },
    providers: simulator.providers(listening.url),
    simulated: true,
  });
  open.push(
    () => gateway.close(),
    () => listening.close(),
  );
  const records: AttemptRecord[] = [];
  gateway.events.on('attempt-end', ({ record }) => records.push(record));
  return { gateway, records, ended: ended.promise };
}

const BOOKED = { outcome: 'cancelled', code: 'CANCELLED', usage: { source: 'estimated' } };

test.each(WIRE_NAMES)('%s hears at once that the reader of a stream has left', async (wire) => {
  const { gateway, records, ended } = await onSocket(wire);
  for await (const { type } of gateway.stream(ask(new AbortController().signal))) {
    expect(type).toBe('text-delta');
    break;
  }
  expect(await ended).toMatchObject({ provider: wire, status: 200, ended: 'cancelled' });
  expect(records).toMatchObject([BOOKED]);
  expect(records[0]?.usage?.outputTokens).toBeGreaterThan(0);
});

test.each(WIRE_NAMES)('%s hears at once that a call is cancelled', async (wire) => {
  const { gateway, records, ended } = await onSocket(wire);
  const controller = new AbortController();
  const text = gateway.stream(ask(controller.signal))[Symbol.asyncIterator]();
  expect(await text.next()).toMatchObject({ value: { type: 'text-delta' } });
  controller.abort();
  await expect(text.next()).rejects.toMatchObject({ code: 'CANCELLED', attempts: [BOOKED] });
  expect(await ended).toMatchObject({ provider: wire, status: 200, ended: 'cancelled' });
  expect(records).toMatchObject([BOOKED]);
});
