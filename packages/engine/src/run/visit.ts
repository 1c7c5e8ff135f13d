import type { AttemptRecord } from '@paceline/gateway';
import { AbortReason } from '@paceline/resilience';
import type { Failure } from '../define/failure.ts';
import { childRunId } from './child/child-id.ts';
import type { Inbox } from './inbox.ts';
import { itemName } from './map/item-name.ts';
import type { StepReport } from './outcome.ts';
import type { PendingStep, RunEvent } from './record.ts';
import { attemptsOf } from './progress.ts';
import type { VisitProgress } from './progress.ts';
import type { RunContext } from './step-run.ts';
import { runStep } from './step-runner.ts';
import { tellOfRest } from './resting-steps.ts';
import { reportEnd } from './step-report.ts';
import { assertNoSecret, withoutSecret } from './secrets.ts';
import { StopSwitch } from './stop-switch.ts';
import { costOf } from './step-result.ts';
import type { StepResult } from './step-result.ts';
import type { Tell } from './tell.ts';

/** Work that a step is to do, and whether somebody has begun it before. */
export interface Visiting {
  readonly pending: PendingStep;
  readonly inDoubt: boolean;
}

export interface VisitHost {
  readonly context: RunContext;
  readonly inbox: Inbox;
  readonly tell: Tell;
  /** Called once, when the run has taken or refused how the visit ended. `null`: the step rests, and another visit may follow. */
  readonly onEnd: (report: StepReport | null) => void;
  /** Takes the report on an item of a `map`. */
  readonly onItem: (report: StepReport) => void;
}

/** One visit of a step while it works: puts what it records and how it ends into the run's inbox. */
export class Visit {
  readonly pending: PendingStep;
  private readonly inDoubt: boolean;
  private readonly host: VisitHost;
  private readonly stop = new StopSwitch();
  private readonly startedMs: number;
  /** By the name of the step, or of the item. */
  private toolStartedMs: Map<string, number> | undefined;
  /** All attempts so far, those of recorded turns included. */
  private readonly attempts: AttemptRecord[] = [];
  /** Known cost of the child runs of items that have ended. */
  private childUsd = 0;

  constructor({ pending, inDoubt }: Visiting, host: VisitHost) {
    this.pending = pending;
    this.inDoubt = inDoubt;
    this.host = host;
    this.startedMs = host.context.clock.nowMs();
    for (const progress of pending.progress) this.attempts.push(...attemptsOf(progress));
  }

  start(): void {
    const { context, inbox, tell, onItem } = this.host;
    const { pending, inDoubt, stop } = this;
    const { token, step, visit, input } = pending;
    tell({ type: 'step-start', step, visit, input });

    const record = (progress: VisitProgress) => this.record(progress);
    void runStep(context, { pending, inDoubt, stop, record, tell, report: onItem }).then((ended) => {
      const result = withoutSecret(ended, step, context.secretIn);
      const ms = context.clock.nowMs() - this.startedMs;
      inbox.put({
        event: completion(token, result, ms),
        answered: (taken) => this.end(result, { ms, taken }),
      });
    });
  }

  abort(reason: AbortReason): void {
    this.stop.stop(reason);
  }

  /** Like `abort`, but what it has begun elsewhere is left for whoever recovers the run. */
  leave(reason: AbortReason): void {
    this.stop.leave(reason);
  }

  private async record(progress: VisitProgress): Promise<void> {
    const { step } = this.pending;
    assertNoSecret(progress, `What \`${step}\` has done`, this.host.context.secretIn);
    const event: RunEvent = { type: 'step-progress', token: this.pending.token, progress };
    return new Promise((resolve, reject) => {
      this.host.inbox.put({
        event,
        answered: (taken) => {
          if (!taken) return reject(new AbortReason('superseded'));
          this.attempts.push(...attemptsOf(progress));
          if (progress.type === 'item-end') this.childUsd += progress.childSpend?.knownUsd ?? 0;
          this.tellTool(progress);
          resolve();
        },
      });
    });
  }

  private tellTool(progress: VisitProgress, step = this.pending.step): void {
    const { visit } = this.pending;
    const nowMs = this.host.context.clock.nowMs();
    switch (progress.type) {
      case 'item-progress':
        return this.tellTool(progress.progress, itemName(step, progress.index));
      case 'tool-start':
        (this.toolStartedMs ??= new Map()).set(step, nowMs);
        return this.host.tell({ ...progress, step, visit });
      case 'tool-end': {
        const { type, toolCallId, tool, isError } = progress;
        const ms = nowMs - (this.toolStartedMs?.get(step) ?? this.startedMs);
        return this.host.tell({ type, step, visit, toolCallId, tool, isError, ms });
      }
    }
  }

  private end(result: StepResult, { ms, taken }: { readonly ms: number; readonly taken: boolean }): void {
    const { context, tell, onEnd } = this.host;
    const { pending } = this;
    const { step, workedMs = 0 } = pending;
    const totalMs = workedMs + ms;
    if ('wait' in result && taken) {
      tellOfRest({ ...pending, wait: result.wait, workedMs: totalMs }, tell);
      return onEnd(null);
    }
    const isDone = 'output' in result && taken;
    if (isDone) context.times.learn(step, totalMs);
    const ended = isDone ? result : failureOf(result, step);
    const attempts = [...this.attempts, ...result.attempts];
    const kind = context.info.steps[step]?.kind;
    const visited = {
      pending,
      result: ended,
      ms: totalMs,
      attempts,
      childUsd: this.childUsd + (result.childSpend?.knownUsd ?? 0),
      ...(kind === 'child' && { childRunId: childRunId({ context, pending }) }),
    };
    const report = reportEnd(visited, tell);
    // Those of a `map` stand in the reports of its items.
    onEnd(kind === 'map' ? { ...report, attempts: [] } : report);
  }
}

function completion(token: string, result: StepResult, ms: number): RunEvent {
  if ('wait' in result) return { type: 'step-wait', token, wait: result.wait, ms: Math.round(ms) };
  const cost = costOf(result);
  return result.ok
    ? { type: 'step-done', token, output: result.output, ...cost }
    : { type: 'step-failed', token, failure: result.failure, ...cost };
}

/** Of a result that is no output, or one that the run did not take. */
function failureOf(result: StepResult, step: string): { readonly failure: Failure } {
  if ('failure' in result) return result;
  const message = 'wait' in result ? 'The run' : 'It was done, but the run';
  return { failure: { code: 'CANCELLED', message: `${message} no longer waited for it.`, step } };
}
