import type { AttemptRecord, Json } from '@paceline/gateway';
import { deadlineIn, earliest } from '@paceline/resilience';
import type { Deadline } from '@paceline/resilience';
import { startedBy } from '../../define/child.ts';
import type { Failure } from '../../define/failure.ts';
import type { InnerStep } from '../../define/step.ts';
import { childRunId } from '../child/child-id.ts';
import { runInnerStep } from '../inner-step.ts';
import type { PendingStep } from '../record.ts';
import { attemptsOf } from '../progress.ts';
import type { ItemProgress, StepProgress } from '../progress.ts';
import { withoutSecret } from '../secrets.ts';
import { reportEnd } from '../step-report.ts';
import { costOf, resultOf } from '../step-result.ts';
import type { StepResult } from '../step-result.ts';
import type { StepRun } from '../step-run.ts';
import { StopSwitch } from '../stop-switch.ts';
import { itemName } from './item-name.ts';

/** What the items of one visit have in common. */
export interface ItemWork {
  /** What is done with each. */
  readonly step: InnerStep;
  /** Each fits the step's input. */
  readonly items: readonly unknown[];
  /** The visit of the `map`. */
  readonly run: StepRun;
}

/** How an item ended. */
export type EndedItem = { readonly output: Json } | { readonly failure: Failure };

/** One item while it works: like a visit of its own, within that of its `map`. */
export class Item {
  readonly stop = new StopSwitch();
  private readonly index: number;
  private readonly work: ItemWork;
  private readonly run: StepRun;
  private readonly startedMs: number;
  /** Attempts that its recorded progress holds. */
  private readonly recorded: AttemptRecord[];

  constructor(index: number, work: ItemWork) {
    const { run, step } = work;
    const progress = run.pending.items?.open[index];
    this.index = index;
    this.work = work;
    this.startedMs = run.context.clock.nowMs();
    this.recorded = (progress ?? []).flatMap(attemptsOf);
    this.run = {
      ...run,
      pending: itemPending(run.pending, index),
      item: index,
      inDoubt: progress !== undefined,
      deadline: deadlineOf(step, run),
      stop: this.stop,
      attempts: [],
      childSpends: [],
      stopped: [],
      record: (each) => this.record(each as StepProgress),
    };
  }

  /** Never rejects. */
  result(): Promise<StepResult> {
    const { index, work, run } = this;
    const { step, visit, input } = run.pending;
    run.tell({ type: 'step-start', step, visit, input });
    const result = resultOf(async () => {
      if (isStartRecorded(work.step) && !run.inDoubt) await work.run.record({ type: 'item-start', index });
      return runInnerStep(work.step, work.items[index], run);
    }, run);
    return result.then((ended) => withoutSecret(ended, step, run.context.secretIn));
  }

  /** What is recorded of its end. */
  end(result: StepResult): ItemProgress & { readonly type: 'item-end' } {
    const ms = Math.round(this.workedMs);
    return { type: 'item-end', index: this.index, ms, ...endedAs(result), ...costOf(result) };
  }

  /** Tells how it ended. @param isTaken whether that stands in the journal */
  report(result: StepResult, isTaken: boolean): void {
    const { run, work } = this;
    const { pending } = run;
    const ended = endedAs(result);
    const message = 'It was done, but nobody waited for it any more.';
    const visited = {
      pending,
      result:
        isTaken || 'failure' in ended
          ? ended
          : { failure: { code: 'CANCELLED', message, step: pending.step } },
      ms: this.workedMs,
      attempts: [...this.recorded, ...result.attempts],
      childUsd: result.childSpend?.knownUsd ?? 0,
      ...(work.step.kind === 'child' && { childRunId: childRunId(run) }),
    };
    run.report(reportEnd(visited, run.tell));
  }

  private async record(progress: StepProgress): Promise<void> {
    await this.work.run.record({ type: 'item-progress', index: this.index, progress });
    this.recorded.push(...attemptsOf(progress));
  }

  private get workedMs(): number {
    return this.run.context.clock.nowMs() - this.startedMs;
  }
}

function itemPending(pending: PendingStep, index: number): PendingStep {
  const { token, invokeId, visit, items } = pending;
  // The step's input was checked to be a list.
  const input = (pending.input as readonly Json[])[index] ?? null;
  const progress = items?.open[index] ?? [];
  return { token, invokeId, step: itemName(pending.step, index), visit, input, progress };
}

function deadlineOf({ totalMs }: InnerStep, { deadline, context }: StepRun): Deadline {
  return totalMs === undefined ? deadline : earliest(deadline, deadlineIn(context.clock, totalMs));
}

/** What must not be begun twice, or has to be found again. */
function isStartRecorded(step: InnerStep): boolean {
  return startedBy(step).length > 0 || (step.kind === 'code' && step.effect === 'once');
}

function endedAs(result: StepResult): EndedItem {
  if ('output' in result) return { output: result.output };
  if ('failure' in result) return { failure: result.failure };
  return { failure: { code: 'STEP_FAILED', message: 'An item cannot wait for a person.' } };
}
