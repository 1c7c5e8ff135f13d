import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createVirtualClock } from './virtual-clock.ts';
import { createWatchdog } from './watchdog.ts';
import type { StallLimit, WatchdogLimits } from './watchdog.ts';

const LIMITS = { connectMs: 100, firstChunkMs: 500, chunkMs: 50, totalMs: 2_000 };

function setUp(limits: WatchdogLimits = LIMITS) {
  const clock = createVirtualClock();
  const stalls: string[] = [];
  const onStall = vi.fn((limit: StallLimit) => void stalls.push(`${limit}@${clock.nowMs()}`));
  return { clock, stalls, onStall, watchdog: createWatchdog({ clock, limits, onStall }) };
}

test('no headers in time', async () => {
  const { clock, stalls } = setUp();
  await clock.advance(10_000);
  expect(stalls).toEqual(['connect@100']);
});

test('headers but no content in time, counted from the start of the call', async () => {
  const { clock, stalls, watchdog } = setUp();
  await clock.advance(90);
  watchdog.connected();
  await clock.advance(10_000);
  expect(stalls).toEqual(['first-chunk@500']);
});

test('content that stops, counted from the last of it', async () => {
  const { clock, stalls, watchdog } = setUp();
  watchdog.connected();
  for (let chunk = 0; chunk < 10; chunk++) {
    await clock.advance(49);
    watchdog.content();
  }
  await clock.advance(10_000);
  expect(stalls).toEqual(['chunk@540']);
});

test('content that never stops is cut off by the total', async () => {
  const { clock, stalls, watchdog } = setUp();
  for (let chunk = 0; chunk < 100; chunk++) {
    watchdog.content();
    await clock.advance(40);
  }
  expect(stalls).toEqual(['total@2000']);
});

test('thoughts without end, and never an answer', async () => {
  const { clock, stalls, watchdog } = setUp({ ...LIMITS, answerMs: 1_000 });
  for (let chunk = 0; chunk < 100; chunk++) {
    watchdog.content('thought');
    await clock.advance(40);
  }
  expect(stalls).toEqual(['answer@1000']);
});

test('the first piece of an answer ends the wait for it, whatever is thought afterwards', async () => {
  const { clock, stalls, watchdog } = setUp({ ...LIMITS, answerMs: 1_000 });
  watchdog.content('thought');
  await clock.advance(40);
  watchdog.content();
  for (let chunk = 0; chunk < 100; chunk++) {
    watchdog.content('thought');
    await clock.advance(40);
  }
  expect(stalls).toEqual(['total@2000']);
});

test('content means that the connection stands, whether that was said or not', async () => {
  const { clock, stalls, watchdog } = setUp();
  await clock.advance(40);
  watchdog.content();
  watchdog.connected();
  await clock.advance(49);
  watchdog.content();
  await clock.advance(49);
  watchdog.content();
  expect(stalls).toEqual([]);
  watchdog.stop();
});

test('where several limits end together it is the total', async () => {
  const { clock, stalls } = setUp({ connectMs: 100, firstChunkMs: 100, totalMs: 100 });
  await clock.advance(100);
  expect(stalls).toEqual(['total@100']);
});

test('nothing fires after stop, and neither headers nor content wake it', async () => {
  const { clock, onStall, watchdog } = setUp();
  watchdog.stop();
  watchdog.connected();
  watchdog.content();
  expect(clock.pendingTimers()).toBe(0);
  await clock.advance(10_000);
  expect(onStall).not.toHaveBeenCalled();
});

test('it fires once, whatever still arrives', async () => {
  const { clock, stalls, watchdog } = setUp();
  await clock.advance(100);
  watchdog.connected();
  watchdog.content();
  expect(clock.pendingTimers()).toBe(0);
  await clock.advance(10_000);
  expect(stalls).toEqual(['connect@100']);
});

test('stopping twice, or after it fired, is harmless', async () => {
  const { clock, stalls, watchdog } = setUp();
  await clock.advance(100);
  watchdog.stop();
  watchdog.stop();
  await clock.advance(10_000);
  expect(stalls).toEqual(['connect@100']);
});

test('without limits it keeps no timer', async () => {
  const { clock, onStall, watchdog } = setUp({ connectMs: undefined });
  expect(clock.pendingTimers()).toBe(0);
  watchdog.connected();
  watchdog.content();
  expect(clock.pendingTimers()).toBe(0);
  await clock.advance(86_400_000);
  expect(onStall).not.toHaveBeenCalled();
});

const limit = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });
const limits = fc.record({ connectMs: limit, firstChunkMs: limit, chunkMs: limit, totalMs: limit });
const arrival = fc.record({
  afterMs: fc.integer({ min: 0, max: 60 }),
  what: fc.constantFrom('connected', 'content', 'ping'),
});

test('for any limits and arrivals it fires at the first moment that any limit is overrun', async () => {
  await fc.assert(
    fc.asyncProperty(limits, fc.array(arrival, { maxLength: 12, size: 'max' }), async (chosen, arrivals) => {
      const { clock, stalls, watchdog } = setUp(chosen);
      for (const { afterMs, what } of arrivals) {
        await clock.advance(afterMs);
        if (what !== 'ping') watchdog[what as 'connected' | 'content']();
      }
      await clock.advance(200);
      expect(stalls).toEqual(expectedStalls(chosen, arrivals));
    }),
  );
});

/** Walks through the call millisecond by millisecond. */
function expectedStalls(
  { connectMs = Infinity, firstChunkMs = Infinity, chunkMs = Infinity, totalMs = Infinity }: WatchdogLimits,
  arrivals: readonly { afterMs: number; what: string }[],
): string[] {
  let at = 0;
  const timeline = arrivals.map(({ afterMs, what }) => ({ atMs: (at += afterMs), what }));
  const seenBefore = (ms: number, what: string) =>
    timeline.filter((arrived) => arrived.atMs < ms && arrived.what === what).map(({ atMs }) => atMs);
  for (let ms = 0; ms <= at + 200; ms++) {
    const contents = seenBefore(ms, 'content');
    const connected = contents.length > 0 || seenBefore(ms, 'connected').length > 0;
    if (ms >= totalMs) return [`total@${ms}`];
    if (!connected && ms >= connectMs)
      return [firstChunkMs < connectMs ? `first-chunk@${ms}` : `connect@${ms}`];
    if (contents.length === 0 && ms >= firstChunkMs) return [`first-chunk@${ms}`];
    if (contents.length > 0 && ms >= contents.at(-1)! + chunkMs) return [`chunk@${ms}`];
  }
  return [];
}

test('after a busy spell of our own, what came meanwhile is read before the silence counts', async () => {
  const virtual = createVirtualClock();
  let busyMs = 0;
  const clock = { ...virtual, nowMs: () => virtual.nowMs() + busyMs };
  const onStall = vi.fn();
  const watchdog = createWatchdog({ clock, limits: LIMITS, onStall });
  watchdog.connected();
  await virtual.advance(499);
  busyMs = 300;
  virtual.setTimer(1, () => watchdog.content());
  await virtual.advance(1);
  expect(onStall).not.toHaveBeenCalled();
  await virtual.advance(49);
  busyMs = 600;
  await virtual.advance(1);
  expect(onStall.mock.calls).toEqual([['chunk']]);
});
