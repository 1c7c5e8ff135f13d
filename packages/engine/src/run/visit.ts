import type { AttemptRecord } from '@paceline/gateway';
import { AbortReason } from '@paceline/resilience';
import type { Inbox } from './inbox.ts';
import type { StepReport } from './outcome.ts';
import type { Failure, PendingStep, RunEvent, StepProgress } from './record.ts';
import { knownUsd } from './spend.ts';
import type { RunContext } from './step-run.ts';
import { runStep } from './step-runner.ts';
import { StopSwitch } from './stop-switch.ts';
import type { StepResult } from './step-runner.ts';
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
  /** Called once, when the run has taken or refused how the visit ended. */
  readonly onEnd: (report: StepReport) => void;
}

/** One visit of a step while it works: puts what it records and how it ends into the run's inbox. */
export class Visit {
  readonly pending: PendingStep;
  private readonly inDoubt: boolean;
  private readonly host: VisitHost;
  private readonly stop = new StopSwitch();
  private readonly startedMs: number;
  private toolStartedMs = 0;
  /** All attempts so far, those of recorded turns included. */
  private readonly attempts: AttemptRecord[] = [];

  constructor({ pending, inDoubt }: Visiting, host: VisitHost) {
    this.pending = pending;
    this.inDoubt = inDoubt;
    this.host = host;
    this.startedMs = host.context.clock.nowMs();
    for (const progress of pending.progress) this.countAttempts(progress);
  }

  start(): void {
    const { context, inbox, tell } = this.host;
    const { pending, inDoubt, stop } = this;
    const { token, step, visit, input } = pending;
    tell({ type: 'step-start', step, visit, input });

    const record = (progress: StepProgress) => this.record(progress);
    void runStep(context, { pending, inDoubt, stop, record }).then((result) => {
      const ms = context.clock.nowMs() - this.startedMs;
      inbox.put({
        event: completion(token, result),
        answered: (taken) => this.end(result, { ms, taken }),
      });
    });
  }

  abort(reason: AbortReason): void {
    this.stop.stop(reason);
  }

  private record(progress: StepProgress): Promise<void> {
    const event: RunEvent = { type: 'step-progress', token: this.pending.token, progress };
    return new Promise((resolve, reject) => {
      this.host.inbox.put({
        event,
        answered: (taken) => {
          if (!taken) return reject(new AbortReason('superseded'));
          this.countAttempts(progress);
          this.tellTool(progress);
          resolve();
        },
      });
    });
  }

  private countAttempts(progress: StepProgress): void {
    if (progress.type === 'turn') this.attempts.push(...progress.attempts);
  }

  private tellTool(progress: StepProgress): void {
    if (progress.type === 'turn') return;
    const { step, visit } = this.pending;
    const nowMs = this.host.context.clock.nowMs();
    if (progress.type === 'tool-start') {
      this.toolStartedMs = nowMs;
      this.host.tell({ ...progress, step, visit });
    } else {
      const { type, toolCallId, tool, isError } = progress;
      this.host.tell({ type, step, visit, toolCallId, tool, isError, ms: nowMs - this.toolStartedMs });
    }
  }

  private end(result: StepResult, { ms, taken }: { readonly ms: number; readonly taken: boolean }): void {
    const { context, tell, onEnd } = this.host;
    const { step, visit } = this.pending;
    const attempts = [...this.attempts, ...result.attempts];
    const costUsd = knownUsd(attempts);
    if (result.ok && taken) {
      context.times.learn(step, ms);
      tell({ type: 'step-end', step, visit, output: result.output, ms, costUsd });
      onEnd({ step, visit, ok: true, ms, attempts });
    } else {
      const failure = result.ok ? superseded(step) : result.failure;
      tell({ type: 'step-error', step, visit, failure, ms, costUsd });
      onEnd({ step, visit, ok: false, ms, attempts, failure });
    }
  }
}

function completion(token: string, result: StepResult): RunEvent {
  const { attempts } = result;
  return result.ok
    ? { type: 'step-done', token, output: result.output, attempts }
    : { type: 'step-failed', token, failure: result.failure, attempts };
}

function superseded(step: string): Failure {
  return { code: 'CANCELLED', message: 'It was done, but the run no longer waited for it.', step };
}
