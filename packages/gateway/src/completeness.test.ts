import { deadlineIn } from '@paceline/resilience';
import { describe, expect, test } from 'vitest';
import { cannedFetch, cannedGateway, recordedStream, request } from './test-support/canned.ts';
import { WIRE_NAMES } from './test-support/world.ts';
import type { GatewayError } from './index.ts';
import type { CannedEnd } from './test-support/canned.ts';
import type { WireName } from './test-support/world.ts';

/** The text of an answer made of these bytes, or the code of the failure. */
function outcomes(wire: WireName, end: CannedEnd) {
  const canned: { chunks: Uint8Array[]; end: CannedEnd } = { chunks: [], end };
  const { clock, gateway } = cannedGateway(wire, (...parts) => cannedFetch(canned).fetch(...parts));
  return (bytes: Uint8Array): Promise<string> => {
    canned.chunks = [bytes];
    const deadline = deadlineIn(clock, 20_000);
    const call = gateway.generate(request({ deadline })).then(
      (result) => `text: ${result.text}`,
      (error: GatewayError) => error.code,
    );
    return end === 'open' ? clock.run(call) : call;
  };
}

/** Just after the blank line that ends the event with the stop reason. */
function endOfStopEvent(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString('latin1');
  const at = text.search(/"(?:finish_reason|stop_reason|finishReason)":\s*"/);
  return text.indexOf('\n\n', at) + 2;
}

describe.each(WIRE_NAMES)('a %s stream', (wire) => {
  test(
    'cut at any byte is whole from the stop reason on, and interrupted before',
    { timeout: 60_000 },
    async () => {
      const bytes = await recordedStream(wire);
      const outcome = outcomes(wire, 'fin');
      const whole = await outcome(bytes);
      expect(whole).toMatch(/^text: .{10}/);
      const complete = endOfStopEvent(bytes);
      expect(complete).toBeGreaterThan(100);
      const wrong: string[] = [];
      for (let cut = 0; cut < bytes.length; cut++) {
        const got = await outcome(bytes.subarray(0, cut));
        const expected = cut >= complete ? whole : 'PROVIDER_INTERRUPTED';
        if (got !== expected) wrong.push(`${cut}: ${got}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  test('reset or left open counts by the same rule', async () => {
    const bytes = await recordedStream(wire);
    const complete = endOfStopEvent(bytes);
    const reset = outcomes(wire, 'reset');
    const open = outcomes(wire, 'open');
    const whole = await outcomes(wire, 'fin')(bytes);
    for (const cut of [0, 1, Math.floor(complete / 2), complete - 1]) {
      expect(await reset(bytes.subarray(0, cut))).toBe('PROVIDER_INTERRUPTED');
      expect(await open(bytes.subarray(0, cut))).toMatch(/PROVIDER_STALLED|DEADLINE_EXCEEDED/);
    }
    for (const cut of [complete, bytes.length]) {
      expect(await reset(bytes.subarray(0, cut))).toBe(whole);
      expect(await open(bytes.subarray(0, cut))).toBe(whole);
    }
  });

  test('left open after the stop reason is over within one second', async () => {
    const bytes = await recordedStream(wire);
    const chunks = [bytes.subarray(0, endOfStopEvent(bytes))];
    const { clock, gateway } = cannedGateway(wire, cannedFetch({ chunks, end: 'open' }).fetch);
    const { ms } = await clock.run(gateway.generate(request()));
    expect(ms).toBe(1_000);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('arriving byte by byte is the same answer', async () => {
    const bytes = await recordedStream(wire);
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const { gateway } = cannedGateway(wire, cannedFetch({ chunks }).fetch);
    const { text, usage } = await gateway.generate(request());
    expect(`text: ${text}`).toBe(await outcomes(wire, 'fin')(bytes));
    expect(usage.source).toBe('reported');
  });

  test('with CR LF line ends is the same answer', async () => {
    const bytes = await recordedStream(wire);
    const chunks = [Buffer.from(bytes).toString('utf8').replaceAll('\n', '\r\n')];
    const { gateway } = cannedGateway(wire, cannedFetch({ chunks }).fetch);
    const { text } = await gateway.generate(request());
    expect(`text: ${text}`).toBe(await outcomes(wire, 'fin')(bytes));
  });
});

test.each([
  ['openai', /data: .*"finish_reason":\s*".*\n\n/],
  ['anthropic', /event: message_delta\ndata: .*\n\n/],
] as const)(
  'on %s an end marker without a stop reason is no end, whatever the adapter takes it for',
  async (wire, stop) => {
    const whole = Buffer.from(await recordedStream(wire)).toString('utf8');
    const bytes = Buffer.from(whole.replace(stop, ''));
    expect(bytes.length).toBeLessThan(whole.length);
    expect(await outcomes(wire, 'fin')(bytes)).toBe('PROVIDER_INTERRUPTED');
  },
);

test('usage and text survive a missing end marker', async () => {
  const whole = Buffer.from(await recordedStream('anthropic')).toString('utf8');
  const chunks = [whole.slice(0, whole.indexOf('event: message_stop'))];
  const { gateway } = cannedGateway('anthropic', cannedFetch({ chunks }).fetch);
  expect(await gateway.generate(request())).toMatchObject({
    finishReason: 'stop',
    usage: { source: 'reported' },
  });
});

describe('an upstream that looks at no signal is hung up on', () => {
  test('when its answer is of no use any more', async () => {
    const upstream = cannedFetch({ chunks: ['data: {"choices": tru\n\n'], end: 'open' });
    const { clock, gateway } = cannedGateway('openai', upstream.fetch);
    const call = clock.run(gateway.generate(request()));
    await expect(call).rejects.toMatchObject({ code: 'PROVIDER_MALFORMED' });
    expect(upstream.state.hungUp).toBe(true);
  });

  test('when the call is cancelled before the first event', async () => {
    const upstream = cannedFetch({ chunks: [], end: 'open' });
    const { clock, gateway } = cannedGateway('openai', upstream.fetch);
    const controller = new AbortController();
    clock.setTimer(100, () => controller.abort());
    const call = clock.run(gateway.generate(request({ signal: controller.signal })));
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(clock.nowMs()).toBe(100);
    expect(upstream.state.hungUp).toBe(true);
  });

  test('when the grace after its answer is over', async () => {
    const upstream = cannedFetch({ chunks: [await recordedStream('openai')], end: 'open' });
    const { clock, gateway } = cannedGateway('openai', upstream.fetch);
    await clock.run(gateway.generate(request()));
    expect([clock.nowMs(), upstream.state.hungUp]).toEqual([0, false]);
    await clock.advance(1_000);
    expect(upstream.state.hungUp).toBe(true);
  });
});
