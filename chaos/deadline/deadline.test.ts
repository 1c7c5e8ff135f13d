import { expect, test } from 'vitest';
import { shortfalls, virtualFigures } from './report.ts';
import { virtualCalls } from './virtual.ts';

test('whatever happens upstream, no call is late and nothing is left behind', async () => {
  const virtual = virtualFigures(await virtualCalls({ calls: 600, seed: 1, progress: () => {} }));
  expect(shortfalls({ virtual, sockets: null })).toEqual([]);
  // Each kind of end is met.
  for (const count of [virtual.answered, virtual.outOfTime, virtual.gone]) expect(count).toBeGreaterThan(50);
});
