import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld, observe } from './test-support/observe.ts';
import { WIRES } from './test-support/requests.ts';
import type { FaultRule } from './scenario/scenario.ts';
import type { Observed } from './test-support/observe.ts';

const FAULTS: readonly FaultRule[] = [
  { fault: 'brownout', rows: [3, 6] },
  { fault: 'error-500', probability: 0.2 },
  { fault: 'cut', probability: 0.2 },
  { fault: 'stall', probability: 0.2, forMs: 2_000 },
];

const calls = fc.record({
  wire: fc.constantFrom(...WIRES),
  row: fc.integer({ min: 0, max: 8 }),
  step: fc.constantFrom('triage', 'decide'),
  turn: fc.integer({ min: 0, max: 2 }),
  attempt: fc.integer({ min: 1, max: 3 }),
  text: fc.constantFrom('I want a refund', 'It crashes', 'Hello'),
});
type Call = typeof calls extends fc.Arbitrary<infer Value> ? Value : never;

/** Everything about each call in its place, asked one after the other in the given order. */
async function played(
  seed: number,
  order: readonly Call[],
  runId: (row: number) => string,
): Promise<Map<Call, Observed>> {
  const world = createWorld({ faults: FAULTS }, seed);
  const seen = new Map<Call, Observed>();
  for (const call of order) {
    const key = `${runId(call.row)}/${call.step}/${call.turn}/${call.attempt}`;
    seen.set(call, await observe(call.wire, { text: call.text, call: key }, world));
  }
  return seen;
}

/** Times are differences of clock readings, so they carry rounding errors of the clock's size. */
const rounded = ({ chunks, headersMs, endMs, ...rest }: Observed) => ({
  ...rest,
  headersMs: headersMs === null ? null : headersMs.toFixed(3),
  endMs: endMs.toFixed(3),
  chunks: chunks.map(({ atMs, text }) => ({ atMs: atMs.toFixed(3), text })),
});

test('the same seed gives each call the same bytes at the same times, in any order and under any run id', async () => {
  const seeds = fc.integer({ min: 0, max: 1_000 });
  const orders = fc
    .uniqueArray(calls, { minLength: 2, maxLength: 8, selector: (call) => JSON.stringify(call) })
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  await fc.assert(
    fc.asyncProperty(seeds, orders, async (seed, [order, shuffled]) => {
      const first = await played(seed, order, (row) => `run_a-r${row}`);
      const second = await played(seed, shuffled, (row) => `run_b-r${row}`);
      for (const call of order) expect(rounded(second.get(call)!)).toEqual(rounded(first.get(call)!));
    }),
    { numRuns: 40 },
  );
});

test('another seed, row, attempt or provider is another fate', async () => {
  const one: Call = { wire: 'openai', row: 0, step: 'triage', turn: 0, attempt: 1, text: 'Hello' };
  const base = (await played(1, [one], (row) => `x-r${row}`)).get(one)!;
  const changes: Partial<Call>[] = [{ row: 1 }, { attempt: 2 }, { turn: 1 }, { step: 'decide' }];
  const others: Observed[] = [];
  for (const change of changes) {
    const other = { ...one, ...change };
    others.push((await played(1, [other], (row) => `x-r${row}`)).get(other)!);
  }
  others.push((await played(2, [one], (row) => `x-r${row}`)).get(one)!);
  expect(others.map(({ endMs }) => endMs === base.endMs)).toEqual([false, false, false, false, false]);
});

test('calls at the same time do not disturb each other', async () => {
  const world = createWorld();
  const alone = await observe('openai', { call: 'x-r1/a/0/1' }, createWorld());
  const together = await Promise.all(
    [1, 2, 3, 4, 5].map((row) => observe('openai', { call: `x-r${row}/a/0/1` }, world)),
  );
  expect(together[0]?.text).toBe(alone.text);
  expect(together[0]?.endMs).toBeCloseTo(alone.endMs, 3);
});
