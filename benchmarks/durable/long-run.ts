import { join } from 'node:path';
import { createEngine, createGateway, code, setupWorkflow, sqliteJournal } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';
import { spreadOf } from '../harness/report.ts';
import { withFolder } from './folder.ts';
import type { LongRunSample } from './sample.ts';

const STEPS = 1_010;
/** Steps to either side of the 10th and of the 1,000th that count for it. */
const AROUND = 5;
/** The first runs are the warm-up: without it the early steps would look dear and the ratio good. */
const WARM_UP_RUNS = 2;

const runs = Number(process.argv[2] ?? '5');

/** CPU time of the process at the start of each step of the run at work. */
let startsUs: number[] = [];

const { createMachine } = setupWorkflow({
  id: 'long-run',
  input: z.number(),
  output: z.number(),
  context: z.object({ left: z.number() }),
  budget: { totalMs: 600_000 },
  steps: {
    countDown: code({
      input: z.number(),
      output: z.number(),
      effect: 'pure',
      maxVisits: STEPS,
      run: async ({ input }) => {
        const { user, system } = process.cpuUsage();
        startsUs.push(user + system);
        return input - 1;
      },
    }),
  },
});
const workflow = createMachine({
  context: ({ input }) => ({ left: input }),
  output: ({ context }) => context.left,
  initial: 'counting',
  states: {
    counting: {
      invoke: {
        id: 'countDown',
        src: 'countDown',
        input: ({ context }) => context.left,
        onDone: [
          {
            guard: ({ event }) => event.output > 0,
            target: 'counting',
            reenter: true,
            actions: assign(({ event }) => ({ left: event.output })),
          },
          { target: 'counted', actions: assign(({ event }) => ({ left: event.output })) },
        ],
        onError: 'failed',
      },
    },
    counted: { type: 'final' },
    failed: { type: 'final', tags: ['degraded'] },
  },
});

const sample = await withFolder(async (folder): Promise<LongRunSample> => {
  const journal = sqliteJournal({ path: join(folder, 'runs.db') });
  const engine = createEngine({ gateway: createGateway({ roles: {} }), journal });
  const early: number[] = [];
  const late: number[] = [];
  for (let run = 0; run < WARM_UP_RUNS + runs; run++) {
    startsUs = [];
    const outcome = await engine.run(workflow, STEPS);
    if (outcome.status !== 'succeeded') throw new Error(`The long run ended ${outcome.status}`);
    if (run < WARM_UP_RUNS) continue;
    early.push(...costsAround(10));
    late.push(...costsAround(1_000));
  }
  await journal.close();
  return { earlyCpuUs: spreadOf(early).median, lateCpuUs: spreadOf(late).median };
});
console.log(JSON.stringify(sample));

function costsAround(step: number): readonly number[] {
  const near = startsUs.slice(step - AROUND - 1, step + AROUND);
  return near.slice(1).map((startUs, at) => startUs - (near[at] ?? startUs));
}
