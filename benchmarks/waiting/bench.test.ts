import { expect, test } from 'vitest';
import { benchWaiting } from './bench.ts';

test('the short form runs, and has a figure for everything', async () => {
  const progress: string[] = [];
  const report = await benchWaiting({ rounds: 1, quick: true, progress: (line) => progress.push(line) });
  expect(progress).toHaveLength(1);
  expect(progress[0]).toContain('2,000 runs recovered');
  expect(report.ok).toBe(true);
  const { started, recovered, recoverUs, rssMb } = report.json as Record<string, { median: number }>;
  for (const spread of [started, recovered, recoverUs, rssMb]) expect(spread?.median).toBeGreaterThan(0);
});
