import { beforeEach, expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { createLoopMonitor } from './loop-delay.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

let virtual: VirtualClock;
let blockedMs: number;
let clock: Clock;

/** A clock whose timers come late by what the loop was blocked for. */
beforeEach(() => {
  virtual = createVirtualClock();
  blockedMs = 0;
  clock = { ...virtual, nowMs: () => virtual.nowMs() + blockedMs };
});

test('a loop that is on time shows no delay', async () => {
  const monitor = createLoopMonitor({ clock });
  monitor.start();
  await virtual.advance(5_000);
  expect(monitor.p99Ms).toBe(0);
  monitor.stop();
});

test('shows the delay as soon as a timer is overdue, and after it has fired', async () => {
  const monitor = createLoopMonitor({ clock });
  monitor.start();
  await virtual.advance(500);
  blockedMs = 170;
  expect(monitor.p99Ms).toBe(120);
  await virtual.advance(50);
  expect(monitor.p99Ms).toBe(170);
  monitor.stop();
});

test('forgets a delay after the window', async () => {
  const monitor = createLoopMonitor({ clock, everyMs: 100, windowMs: 1_000 });
  monitor.start();
  blockedMs = 80;
  await virtual.advance(100);
  expect(monitor.p99Ms).toBe(80);
  await virtual.advance(900);
  expect(monitor.p99Ms).toBe(80);
  await virtual.advance(100);
  expect(monitor.p99Ms).toBe(0);
  monitor.stop();
});

test('of more than a hundred timers the latest does not count', async () => {
  const monitor = createLoopMonitor({ clock, everyMs: 1, windowMs: 1_000 });
  monitor.start();
  await virtual.advance(50);
  blockedMs = 300;
  await virtual.advance(150);
  expect(monitor.p99Ms).toBe(0);
  monitor.stop();
});

test('runs one timer between start and stop, however often each is called, and none else', async () => {
  const monitor = createLoopMonitor({ clock });
  expect(virtual.pendingTimers()).toBe(0);
  monitor.start();
  monitor.start();
  await virtual.advance(125);
  expect(virtual.pendingTimers()).toBe(1);
  monitor.stop();
  monitor.stop();
  expect(virtual.pendingTimers()).toBe(0);
  await virtual.advance(10_000);
  monitor.start();
  expect({ p99Ms: monitor.p99Ms, timers: virtual.pendingTimers() }).toEqual({ p99Ms: 0, timers: 1 });
  monitor.stop();
});

test.each([{ everyMs: 0 }, { everyMs: 100, windowMs: 99 }])('refuses %o', (options) => {
  expect(() => createLoopMonitor({ clock, ...options })).toThrow(TypeError);
});
