import { describe, expect, test } from 'vitest';
import type { Workflow } from '../define/workflow.ts';
import type { JournalStore } from '../journal/store.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { checkReplay } from '../run/replay.ts';
import type { RunOptions } from '../run/run.ts';
import type { Expected } from './case-conformance.ts';
import { ENDINGS } from './endings-conformance.ts';
import { SHAPES } from './shapes-conformance.ts';
import { UNDOING } from './undoing-conformance.ts';

/** A way to run workflows, freshly opened. */
export interface WorkflowDriver {
  run<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<RunOutcome<Output>>;
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
    test.each(Object.entries({ ...SHAPES, ...ENDINGS, ...UNDOING }))(
      '%s',
      async (_, { expected, prepare }) => {
        const driver = await open();
        const settle = driver.settle ?? (<T>(work: Promise<T>) => work);
        const { workflow, options = {} } = prepare();
        try {
          const outcome = await settle(driver.run(workflow, { n: 0 }, { runId: 'conformance', ...options }));
          expect(summaryOf(outcome)).toEqual(expected);
          const record = await driver.journal?.load('conformance');
          if (driver.journal !== undefined && record !== undefined) {
            expect(record.status).toBe(expected.status);
            await checkReplay(workflow as unknown as Workflow, driver.journal, record);
          }
        } finally {
          await driver.close();
        }
      },
    );
  });
}

function summaryOf(outcome: RunOutcome<unknown>): Expected {
  const steps = outcome.steps.map(({ step, ok }) => (ok ? step : `${step}!`));
  const { status } = outcome;
  return outcome.ok ? { status, output: outcome.output, steps } : { status, code: outcome.error.code, steps };
}
