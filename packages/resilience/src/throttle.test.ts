import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';
import { createThrottle } from './throttle.ts';
import { createVirtualClock } from './virtual-clock.ts';

const create = (random: Random = { next: () => 0 }) =>
  createThrottle({ clock: createVirtualClock(), random });

function answered(throttle: ReturnType<typeof create>, accepted: number, rejected: number) {
  for (let call = 0; call < accepted; call++) throttle.onAccepted();
  for (let call = 0; call < rejected; call++) throttle.onRejected();
  return throttle;
}

test.each([
  [0, 0, 0],
  [10, 10, 0],
  [10, 11, 1 / 22],
  [0, 1, 1 / 2],
  [0, 9, 9 / 10],
  [30, 69, 39 / 100],
])('after %d accepted and %d rejected calls it holds back %d', (accepted, rejected, share) => {
  expect(answered(create(), accepted, rejected).rejectShare).toBeCloseTo(share, 12);
});

test('a burst of calls not answered yet is not held back', () => {
  const throttle = create();
  const passed = Array.from({ length: 64 }, () => throttle.tryPass());
  expect(passed).not.toContain(false);
});

test('a call held back counts as rejected, or the target would never seem worse than half', () => {
  const throttle = answered(create(), 0, 4);
  expect(throttle.tryPass()).toBe(false);
  expect(throttle.rejectShare).toBeCloseTo(5 / 6, 12);
});

test('passes exactly as chance and share have it', () => {
  const chances = [0.499, 0.5];
  const throttles = chances.map((chance) => answered(create({ next: () => chance }), 0, 1));
  expect(throttles.map((throttle) => throttle.tryPass())).toEqual([false, true]);
});

test('with everything rejected a few calls still get through', () => {
  const throttle = create(seededRandom('outage'));
  let sent = 0;
  for (let call = 0; call < 10_000; call++) {
    if (!throttle.tryPass()) continue;
    sent++;
    throttle.onRejected();
  }
  // The expected number is the harmonic one: 1 + 1/2 + ... + 1/10,000, or 9.8.
  expect(sent).toBeGreaterThan(2);
  expect(sent).toBeLessThan(25);
});

test('a target that accepts a third of what it is sent gets fewer calls, as many as the formula says', () => {
  const chance = seededRandom('target');
  const throttle = create(seededRandom('throttle'));
  let sent = 0;
  let accepted = 0;
  for (let call = 0; call < 20_000; call++) {
    if (!throttle.tryPass()) continue;
    sent++;
    if (chance.next() < 1 / 3) {
      accepted++;
      throttle.onAccepted();
    } else throttle.onRejected();
  }
  expect(sent).toBeLessThan(10_000);
  expect(throttle.rejectShare).toBeCloseTo((20_000 - 2 * accepted) / 20_001, 6);
});

test('answers older than the window are forgotten, a tenth of it at a time', async () => {
  const clock = createVirtualClock();
  const throttle = createThrottle({ clock, random: { next: () => 0 }, windowMs: 1_000 });
  answered(throttle, 0, 9);
  await clock.advance(900);
  answered(throttle, 0, 9);
  expect(throttle.rejectShare).toBeCloseTo(18 / 19, 12);
  await clock.advance(100);
  expect(throttle.rejectShare).toBeCloseTo(9 / 10, 12);
  await clock.advance(900);
  expect(throttle.rejectShare).toBe(0);
  answered(throttle, 0, 1);
  expect(throttle.rejectShare).toBeCloseTo(1 / 2, 12);
});

test('the share is the formula, for any order of answers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 5 }),
      (answers, k) => {
        const throttle = createThrottle({ clock: createVirtualClock(), random: { next: () => 0 }, k });
        for (const accepted of answers) answered(throttle, accepted ? 1 : 0, accepted ? 0 : 1);
        const accepts = answers.filter(Boolean).length;
        const share = Math.max(0, (answers.length - k * accepts) / (answers.length + 1));
        expect(throttle.rejectShare).toBeCloseTo(share, 12);
        expect(throttle.rejectShare).toBeLessThan(1);
      },
    ),
  );
});

test.each([{ k: 0.9 }, { k: Number.NaN }, { windowMs: 0 }])('refuses %o', (options) => {
  const parts = { clock: createVirtualClock(), random: { next: () => 0 } };
  expect(() => createThrottle({ ...parts, ...options })).toThrow(TypeError);
});
