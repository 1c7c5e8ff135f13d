import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { createProbes } from './probes.ts';

test('the first run is held back, then one in ten seconds goes ahead', async () => {
  const clock = createVirtualClock();
  const probes = createProbes(clock);
  expect(probes.goesAhead('flow')).toBe(false);
  await clock.advance(9_999);
  expect(probes.goesAhead('flow')).toBe(false);
  await clock.advance(1);
  expect(probes.goesAhead('flow')).toBe(true);
  expect(probes.goesAhead('flow')).toBe(false);
  await clock.advance(10_000);
  expect(probes.goesAhead('flow')).toBe(true);
});

test('workflows are held back each for itself', async () => {
  const clock = createVirtualClock();
  const probes = createProbes(clock);
  probes.goesAhead('flow');
  await clock.advance(10_000);
  expect(probes.goesAhead('other')).toBe(false);
  expect(probes.goesAhead('flow')).toBe(true);
});
