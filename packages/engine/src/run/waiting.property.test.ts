import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import type { RunHandle } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { assign } from '../xstate/actions.ts';

const TOTAL_MS = 1_000;

const Ms = z.object({ ms: z.number() });

/** Works as long as it is told, waits to be told again, and so on. What it has worked is added to `worked`, also when it is cut off. */
function shifts(worked: number[], clock: VirtualClock) {
  const work = code({
    input: Ms,
    output: Ms,
    effect: 'idempotent',
    run: async ({ input, signal }) => {
      const beganMs = clock.nowMs();
      signal.addEventListener('abort', () => worked.push(clock.nowMs() - beganMs));
      await new Promise<void>((resolve) => void clock.setTimer(input.ms, resolve));
      if (!signal.aborted) worked.push(clock.nowMs() - beganMs);
      return input;
    },
  });
  return setupWorkflow({
    id: 'shifts',
    input: Ms,
    output: Ms,
    context: Ms,
    budget: { totalMs: TOTAL_MS, waiting: 'free' },
    steps: { work },
    signals: { again: Ms, enough: z.null() },
  }).createMachine({
    context: ({ input }) => input,
    output: ({ context }) => context,
    initial: 'working',
    states: {
      working: {
        invoke: {
          id: 'work',
          src: 'work',
          input: ({ context }) => context,
          onDone: 'resting',
          onError: 'spent',
        },
      },
      resting: {
        on: {
          again: { target: 'working', actions: assign(({ event }) => event.payload) },
          enough: 'done',
        },
      },
      done: { type: 'final' },
      spent: { type: 'final', tags: ['degraded'] },
    },
  });
}

const shift = fc.record({
  workMs: fc.integer({ min: 0, max: 600 }),
  restMs: fc.integer({ min: 0, max: 5_000 }),
  /** Before the rest is over another process takes the run over, and its wall clock shows another time. */
  takeOver: fc.boolean(),
  jumpMs: fc.integer({ min: -86_400_000, max: 86_400_000 }),
});

test('a run works as long as its budget and no longer, however long it rests and whoever goes on with it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(shift, { minLength: 1, maxLength: 8 }), async (given) => {
      const clock = createVirtualClock();
      const journal = memoryJournal();
      const worked: number[] = [];
      const flow = shifts(worked, clock);
      let engine = open(journal, clock);
      let run: RunHandle<unknown> = engine.start(flow, { ms: 0 }, { runId: 'run' });
      await clock.advance(1);

      let planned = 0;
      for (const { workMs, restMs, takeOver, jumpMs } of given) {
        await clock.advance(restMs);
        if (takeOver) {
          run.result.catch(() => {});
          await clock.run(engine.close({ unfinished: 'leave' }));
          clock.jumpEpoch(jumpMs);
          engine = open(journal, clock);
          run = (await engine.recover([flow])).runs[0] as RunHandle<unknown>;
        }
        await run.signal('again', { ms: workMs });
        planned += workMs;
        await clock.advance(700);
        if ((await journal.load('run'))?.status !== 'running') break;
      }
      const spent = worked.reduce((sum, ms) => sum + ms, 0);
      expect(spent).toBeLessThanOrEqual(TOTAL_MS);
      const isResting = (await journal.load('run'))?.status === 'running';
      // Of what is left, up to ten milliseconds are kept back for the end.
      if (planned < TOTAL_MS - 10) expect(isResting).toBe(true);
      if (isResting) {
        expect(spent).toBe(planned);
        await run.signal('enough', null);
      }
      const status = isResting ? 'succeeded' : 'degraded';
      expect(await clock.run(run.result)).toMatchObject({ status, withinBudget: true });
    }),
    { numRuns: 60 },
  );
});

function open(journal: JournalStore, clock: VirtualClock) {
  return createEngine({ gateway: scriptedGateway(), journal, clock });
}
