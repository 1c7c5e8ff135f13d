import { setImmediate as realTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { NO_DEADLINE } from './deadline.ts';
import { bounded } from './bounded.ts';
import { sleep } from './sleep.ts';
import { createVirtualClock } from './virtual-clock.ts';

const { signal } = new AbortController();

test('stands still until told to move', async () => {
  const clock = createVirtualClock();
  expect(clock.nowMs()).toBe(0);
  await clock.advance(12.5);
  expect(clock.nowMs()).toBe(12.5);
  expect(clock.epochMs()).toBe(1_767_225_600_013);
  expect(createVirtualClock({ epochMs: 5 }).epochMs()).toBe(5);
});

test('fires in order of due time, then in order of setting, each at its own time', async () => {
  const clock = createVirtualClock();
  const fired: string[] = [];
  const set = (name: string, delayMs: number) =>
    clock.setTimer(delayMs, () => fired.push(`${name}@${clock.nowMs()}`));
  set('c', 20);
  set('a', 10);
  set('b', 10);
  set('never', 31);
  await clock.advance(30);
  expect(fired).toEqual(['a@10', 'b@10', 'c@20']);
  expect(clock.pendingTimers()).toBe(1);
});

test('lets promises settle between two timers, and fires what they set', async () => {
  const clock = createVirtualClock();
  const seen: string[] = [];
  const chain = async () => {
    await sleep(clock, 10, signal);
    await Promise.resolve();
    seen.push(`first@${clock.nowMs()}`);
    await sleep(clock, 5, signal);
    seen.push(`second@${clock.nowMs()}`);
  };
  void chain();
  clock.setTimer(12, () => seen.push('other@12'));
  await clock.advance(20);
  expect(seen).toEqual(['first@10', 'other@12', 'second@15']);
});

test('run jumps from timer to timer until the work is done, and no further', async () => {
  const clock = createVirtualClock();
  const later = vi.fn();
  clock.setTimer(3_600_001, later);
  await expect(clock.run(sleep(clock, 3_600_000, signal).then(() => 'done'))).resolves.toBe('done');
  expect(clock.nowMs()).toBe(3_600_000);
  expect(later).not.toHaveBeenCalled();
});

test('run throws what the work throws', async () => {
  const clock = createVirtualClock();
  const work = sleep(clock, 10, signal).then(() => Promise.reject(new Error('broken')));
  await expect(clock.run(work)).rejects.toThrow('broken');
});

test('run says so when no timer can ever move the work', async () => {
  const clock = createVirtualClock();
  const fire = vi.fn();
  clock.setTimer(Infinity, fire);
  await expect(clock.run(new Promise(() => {}))).rejects.toMatchObject({ code: 'VIRTUAL_CLOCK_IDLE' });
  expect(fire).not.toHaveBeenCalled();
  expect(clock.nowMs()).toBe(0);
});

test('run is patient with work that needs some turns of the event loop between its timers', async () => {
  const clock = createVirtualClock();
  const work = async () => {
    for (let round = 0; round < 3; round++) {
      for (let turn = 0; turn < 30; turn++) await realTurn();
      await sleep(clock, 10, signal);
    }
  };
  await clock.run(work());
  expect(clock.nowMs()).toBe(30);
});

test('an endless deadline leaves no timer that could carry the clock away', async () => {
  const clock = createVirtualClock();
  const work = bounded(() => sleep(clock, 10, signal), { clock, deadline: NO_DEADLINE, signal });
  await clock.run(work);
  expect(clock.nowMs()).toBe(10);
});

test('two runs at the same time share one timeline', async () => {
  const clock = createVirtualClock();
  const ends: number[] = [];
  const nap = (ms: number) => clock.run(sleep(clock, ms, signal).then(() => ends.push(clock.nowMs())));
  await Promise.all([nap(30), nap(10), nap(20)]);
  expect(ends).toEqual([10, 20, 30]);
});

test('time never goes back, even when a timer moves the clock further than was asked', async () => {
  const clock = createVirtualClock();
  let inner: Promise<void> | undefined;
  clock.setTimer(10, () => (inner = clock.advance(100)));
  await clock.advance(10);
  await inner;
  expect(clock.nowMs()).toBe(110);
  await clock.advance(0);
  expect(clock.nowMs()).toBe(110);
});

test('a reset revives a timer that fired or was cancelled, from its own callback too', async () => {
  const clock = createVirtualClock();
  const firedAtMs: number[] = [];
  const timer = clock.setTimer(10, () => {
    firedAtMs.push(clock.nowMs());
    if (firedAtMs.length === 1) timer.reset(20);
  });
  await clock.advance(30);
  timer.reset(5);
  timer.cancel();
  timer.cancel();
  expect(clock.pendingTimers()).toBe(0);
  timer.reset(7);
  await clock.advance(100);
  expect(firedAtMs).toEqual([10, 30, 37]);
});

test('a delay of zero or less fires as soon as possible, not at once', async () => {
  const clock = createVirtualClock();
  const fire = vi.fn();
  clock.setTimer(-5, fire);
  expect(fire).not.toHaveBeenCalled();
  await clock.advance(0);
  expect(fire).toHaveBeenCalledOnce();
  expect(clock.nowMs()).toBe(0);
});

test('wall time jumps alone', async () => {
  const clock = createVirtualClock({ epochMs: 1_000_000 });
  const fire = vi.fn();
  clock.setTimer(10, fire);
  clock.jumpEpoch(-500_000);
  expect(clock.epochMs()).toBe(500_000);
  expect(clock.nowMs()).toBe(0);
  await clock.advance(10);
  expect(fire).toHaveBeenCalledOnce();
});

test('nonsense is refused', async () => {
  const clock = createVirtualClock();
  await expect(clock.advance(-1)).rejects.toThrow('Expected `byMs` to be a number of at least 0, got -1');
  await expect(clock.advance(Number.NaN)).rejects.toThrow(TypeError);
  expect(() => clock.setTimer(Number.NaN, vi.fn())).toThrow(TypeError);
});

test('the next turn takes no time and comes before any later timer', async () => {
  const clock = createVirtualClock();
  const order: string[] = [];
  clock.setTimer(1, () => order.push(`timer@${clock.nowMs()}`));
  clock.nextTurn(() => {
    order.push(`turn@${clock.nowMs()}`);
    clock.nextTurn(() => order.push(`turn after@${clock.nowMs()}`));
  });
  await clock.advance(1);
  expect(order).toEqual(['turn@0', 'turn after@0', 'timer@1']);
});
