import { describe, expect, test } from 'vitest';
import { cutEverywhere } from './cuts.ts';
import { ANSWER, WIRES } from './rig.ts';
import { controlRows, NUMBERS, socketRows, tally, virtualRows } from './scorecard.ts';
import { meetStall, STALL_SHAPES } from './stalls.ts';
import type { StallName } from './stalls.ts';

test('the answer has sixty words, each one token of the simulator', () => {
  expect(ANSWER.split(' ')).toHaveLength(60);
  expect(ANSWER).toHaveLength(240);
});

describe.each(WIRES)('on the %s wire', (wire) => {
  test('the sixteen faults are passed', async () => {
    const rows = await virtualRows({ wires: [wire], numbers: NUMBERS, seeds: [1] });
    expect(Object.fromEntries(rows.map(({ number, verdict }) => [number, verdict]))).toEqual(
      Object.fromEntries(NUMBERS.map((number) => [number, 'pass'])),
    );
  });

  test('those without waits are passed in real time too, over sockets', async () => {
    const numbers = ['S03', 'S04', 'S05', 'S08', 'S10', 'S11', 'S12', 'S13', 'S16'] as const;
    const rows = await socketRows({ wires: [wire], numbers, seeds: [] });
    expect(rows.map(({ number, verdict }) => [number, verdict])).toEqual(
      numbers.map((each) => [each, 'pass']),
    );
  });

  test('a single attempt without failover passes two of them', async () => {
    const rows = await controlRows({ wires: [wire], numbers: NUMBERS, seeds: [] });
    expect(tally(rows)).toMatchObject({ pass: 2, partial: 0 });
  });

  test.each(['fin', 'reset'] as const)('a stream cut anywhere (%s) does no harm', async (end) => {
    const report = await cutEverywhere({ wire, end, step: 23 });
    expect(report).toMatchObject({ truncated: [], duplicated: [], failed: [], leaked: [] });
    expect(report.accepted).toBeGreaterThan(0);
    expect(report.rescued).toBeGreaterThan(50);
  });

  test.each(Object.keys(STALL_SHAPES) as StallName[])('a stall is found: %s', async (shape) => {
    const report = await meetStall(wire, shape);
    expect(report).toMatchObject({ ok: true, leftBehind: 0 });
  });
});
