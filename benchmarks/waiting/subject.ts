import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { code, createEngine, createGateway, setupWorkflow, sqliteJournal } from 'paceline';
import type { Engine, SqliteJournal } from 'paceline';
import { z } from 'zod';
import { withFolder } from '../durable/folder.ts';
import type { WaitingSample } from './sample.ts';

/** Runs that are started, or taken over, before the event loop is given a turn. */
const BATCH = 1_000;

const runs = Number(process.argv[2] ?? '10000');

const { createMachine } = setupWorkflow({
  id: 'waiting',
  input: z.number(),
  output: z.undefined(),
  context: z.object({ n: z.number() }),
  budget: { totalMs: 86_400_000 },
  steps: {
    add: code({ input: z.number(), output: z.number(), effect: 'pure', run: async ({ input }) => input + 1 }),
  },
});
/** One step, then an hour of waiting. */
const workflow = createMachine({
  context: ({ input }) => ({ n: input }),
  initial: 'adding',
  states: {
    adding: {
      invoke: { id: 'add', src: 'add', input: ({ context }) => context.n, onDone: 'waiting', onError: 'end' },
    },
    waiting: { after: { 3_600_000: 'end' } },
    end: { type: 'final' },
  },
});

const sample = await withFolder(async (folder): Promise<WaitingSample> => {
  const path = join(folder, 'runs.db');
  const first = open(path);
  const before = bytesInUse();
  for (let started = 0; started < runs; started += BATCH) {
    for (let n = 0; n < BATCH; n++) void first.engine.start(workflow, n);
    await sleep(1);
  }
  await until(first.journal, runs);
  const bytesPerRun = (bytesInUse() - before) / runs;
  await close(first);
  // What is left of the first engine goes only now, and would be taken for something that the second one saves.
  await sleep(200);

  const second = open(path);
  const empty = bytesInUse();
  const startedMs = performance.now();
  const { runs: recovered } = await second.engine.recover([workflow]);
  const recoverMs = performance.now() - startedMs;
  if (recovered.length !== runs) throw new Error(`${recovered.length} of ${runs} runs were recovered`);
  await sleep(100);
  const recoveredBytesPerRun = (bytesInUse() - empty) / runs;
  const { rss } = process.memoryUsage();
  await close(second);
  return { runs, bytesPerRun, recoveredBytesPerRun, recoverMs, rssBytes: rss };
});
console.log(JSON.stringify(sample));

interface Opened {
  readonly engine: Engine;
  readonly journal: SqliteJournal;
}

function open(path: string): Opened {
  const journal = sqliteJournal({ path });
  const limits = { maxQueuedRuns: Number.POSITIVE_INFINITY };
  return { journal, engine: createEngine({ gateway: createGateway({ roles: {} }), journal, ...limits }) };
}

async function close({ engine, journal }: Opened): Promise<void> {
  await engine.close({ unfinished: 'leave' });
  await journal.close();
}

/** All have come to wait: the start and the end of the step are recorded. */
async function until(journal: SqliteJournal, count: number): Promise<void> {
  for (;;) {
    const all = await journal.list({ unfinished: true });
    if (all.length === count && all.every(({ seq }) => seq === 2)) return;
    await sleep(100);
  }
}

/** Of the heap and beside it, after a collection: `--expose-gc` is needed. */
function bytesInUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
