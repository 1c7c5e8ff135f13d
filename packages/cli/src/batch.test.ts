import { createVirtualClock } from '@paceline/resilience/testing';
import { sleep } from '@paceline/resilience';
import type { Engine, RunOptions, RunOutcome, Workflow } from 'paceline';
import { expect, test } from 'vitest';
import { runBatch } from './batch.ts';
import type { Row } from './input/rows.ts';
import { outcomeOf } from './test-support/outcome.ts';

const NEVER = new AbortController().signal;

/** An engine whose runs take as long as their input says. */
function slowEngine() {
  const clock = createVirtualClock();
  const state = { running: 0, most: 0, started: [] as unknown[], options: [] as (RunOptions | undefined)[] };
  const engine = {
    async run(_workflow: unknown, input: unknown, options?: RunOptions): Promise<RunOutcome<unknown>> {
      state.started.push(input);
      state.options.push(options);
      state.running++;
      state.most = Math.max(state.most, state.running);
      await sleep(clock, Number(input), NEVER);
      state.running--;
      return outcomeOf('succeeded', { ms: Number(input) });
    },
  } as unknown as Engine;
  return { engine, clock, state };
}

async function* rowsOf(durations: readonly number[], taken: number[] = []): AsyncGenerator<Row> {
  for (const [at, ms] of durations.entries()) {
    taken.push(at + 1);
    yield { row: at + 1, input: ms };
  }
}

function batchOf(engine: Engine, rows: AsyncIterable<Row>, overrides = {}) {
  const ended: [number, string][] = [];
  const work = runBatch({
    engine,
    workflow: {} as Workflow<unknown>,
    rows,
    concurrency: 2,
    runIdOf: (row) => `run-s1-r${row}`,
    run: { labels: { team: 'cx' }, deadlineMs: 500 },
    stop: NEVER,
    cancel: NEVER,
    onRowEnd: (row, { status }) => void ended.push([row, status]),
    ...overrides,
  });
  return { work, ended };
}

test('runs so many side by side, takes a row only when there is a place, and reports in the order of ending', async () => {
  const { engine, clock, state } = slowEngine();
  const taken: number[] = [];
  const { work, ended } = batchOf(engine, rowsOf([100, 10, 10, 10], taken));
  await clock.advance(5);
  expect(taken).toEqual([1, 2]);
  await clock.run(work);
  expect(ended.map(([row]) => row)).toEqual([2, 3, 4, 1]);
  expect(state.most).toBe(2);
  expect(state.options[0]).toEqual({
    labels: { team: 'cx' },
    deadlineMs: 500,
    runId: 'run-s1-r1',
    signal: NEVER,
  });
});

test('a row that cannot be read ends as a refused input without being run', async () => {
  const { engine, clock, state } = slowEngine();
  const rows = (async function* (): AsyncGenerator<Row> {
    yield { row: 1, problem: 'not JSON' };
    yield { row: 2, input: 5 };
  })();
  const { work, ended } = batchOf(engine, rows);
  await clock.run(work);
  expect(ended).toEqual([
    [1, 'failed'],
    [2, 'succeeded'],
  ]);
  expect(state.started).toEqual([5]);
});

test('stop takes no further rows and waits for what runs', async () => {
  const { engine, clock, state } = slowEngine();
  const stop = new AbortController();
  const { work, ended } = batchOf(engine, rowsOf([100, 200, 1, 1]), { stop: stop.signal });
  await clock.advance(50);
  stop.abort();
  await clock.run(work);
  expect(ended.map(([row]) => row)).toEqual([1, 2]);
  expect(state.started).toHaveLength(2);
});

test('an input that breaks off rejects', async () => {
  const { engine } = slowEngine();
  const rows = (async function* (): AsyncGenerator<Row> {
    yield { row: 1, input: 1 };
    throw new Error('disk gone');
  })();
  await expect(batchOf(engine, rows).work).rejects.toThrow('disk gone');
});
