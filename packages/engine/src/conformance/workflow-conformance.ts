import { describe, expect, test } from 'vitest';
import type { Workflow } from '../define/workflow.ts';
import type { JournalStore } from '../journal/store.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { checkReplay } from '../run/replay.ts';
import type { RunOptions } from '../run/run-order.ts';
import type { Expected, Say } from './case-conformance.ts';
import { answered, CASES } from './cases.ts';
import type { Answerable } from './cases.ts';

/** A way to run workflows, freshly opened. */
export interface WorkflowDriver {
  run<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<RunOutcome<Output>>;
  /** The same, for who has something to say to the run while it goes on. */
  start<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Answerable<Output>;
  /** Tells a run something; resolves once it has acted on it durably. */
  signal(runId: string, ...told: Parameters<Say>): Promise<unknown>;
  /** Lets time pass until `work` settles, as `clock.run` of a virtual clock does. @default real time passes by itself */
  settle?<T>(work: Promise<T>): Promise<T>;
  /** The journal, if the driver keeps one: every run is then replayed from it and compared. */
  readonly journal?: JournalStore;
  close(): Promise<void>;
}

export type OpenDriver = () => WorkflowDriver | Promise<WorkflowDriver>;

/** What every driver has to make of a workflow. Call it in a vitest file, once per driver. */
export function workflowConformance(name: string, open: OpenDriver): void {
  describe(`workflows: ${name}`, () => {
    test.each(Object.entries(CASES))('%s', async (_, { expected, answers, prepare }) => {
      const driver = await open();
      const settle = driver.settle ?? (<T>(work: Promise<T>) => work);
      const say: Say = (...told) => driver.signal('conformance', ...told);
      const { workflow, options = {} } = prepare(say);
      try {
        const run = { runId: 'conformance', ...options };
        const outcome = await settle(
          answers === undefined
            ? driver.run(workflow, { n: 0 }, run)
            : answered(driver.start(workflow, { n: 0 }, run), answers),
        );
        expect(summaryOf(outcome)).toEqual(expected);
        const record = await driver.journal?.load('conformance');
        if (driver.journal !== undefined && record !== undefined) {
          expect(record.status).toBe(expected.status);
          await checkReplay(workflow as unknown as Workflow, driver.journal, record);
        }
      } finally {
        await driver.close();
      }
    });
  });
}

function summaryOf(outcome: RunOutcome<unknown>): Expected {
  const steps = outcome.steps.map(({ step, ok }) => (ok ? step : `${step}!`));
  const { status } = outcome;
  return outcome.ok ? { status, output: outcome.output, steps } : { status, code: outcome.error.code, steps };
}
