import { AbortReason } from '@paceline/resilience';
import type { Timer } from '@paceline/resilience';
import { startedBy } from '../define/child.ts';
import { beginCompensation } from './compensate.ts';
import type { DriverOptions } from './driver-options.ts';
import type { Inbox } from './inbox.ts';
import type { StepReport } from './outcome.ts';
import type { PendingTimer, RunEffect, RunEvent, RunRecord, Undo } from './record.ts';
import { tellOfRest } from './resting-steps.ts';
import type { StopSwitch } from './stop-switch.ts';
import { Visit } from './visit.ts';
import type { Visiting } from './visit.ts';

/** What goes on for a run in this process: visits of its steps, its timers, the compensation under way. Whatever comes of it goes into the run's inbox. */
export class Work {
  /** Every visit that ended, in that order. */
  readonly reports: StepReport[] = [];
  private readonly options: DriverOptions;
  private readonly inbox: Inbox;
  private readonly visits = new Map<string, Visit>();
  private readonly timers = new Map<string, Timer>();
  /** Ends the compensation under way, which no cancel and no deadline reaches: only the end of this owner's work. */
  private undoing: StopSwitch | undefined;
  private cancelled: AbortReason | undefined;

  constructor(options: DriverOptions, inbox: Inbox) {
    this.options = options;
    this.inbox = inbox;
  }

  /** Whether a visit has still to come to its end. */
  get hasVisits(): boolean {
    return this.visits.size > 0;
  }

  /** @param cause the event that asked for it */
  carryOut(effect: RunEffect, cause: RunEvent): void {
    switch (effect.type) {
      case 'step-start':
        return this.startVisit({ pending: effect.pending, inDoubt: false });
      case 'step-abort':
        return this.visits
          .get(effect.token)
          ?.abort(this.cancelled ?? new AbortReason(cause.type === 'deadline' ? 'deadline' : 'superseded'));
      case 'timer-set':
        return this.startTimer(effect.timer);
      case 'timer-cancel':
        this.timers.get(effect.token)?.cancel();
        this.timers.delete(effect.token);
        return;
      case 'compensation-start':
        return this.startCompensation(effect.undo);
      case 'run-end':
        // The driver's loop sees it in the record.
        return;
    }
  }

  /** Goes on with what the owner before this one had in flight: its timers by their due times, its steps once more. */
  goOn({ timers, pending }: RunRecord): void {
    for (const timer of Object.values(timers)) {
      if (!this.timers.has(timer.token)) this.startTimer(timer);
    }
    for (const each of Object.values(pending)) {
      if (this.visits.has(each.token)) continue;
      if (each.wait !== undefined) tellOfRest(each, this.options.tell);
      else this.startVisit({ pending: each, inDoubt: true });
    }
  }

  /** Begins only what may have started child runs once more, to find and stop them. */
  seekChildren({ pending }: RunRecord): void {
    const { info } = this.options.context;
    for (const each of Object.values(pending)) {
      const step = info.steps[each.step];
      if (step !== undefined && startedBy(step).length > 0) this.startVisit({ pending: each, inDoubt: true });
    }
  }

  startCompensation(undo: Undo): void {
    this.undoing = beginCompensation(undo, { ...this.options, inbox: this.inbox });
  }

  /** Stops all visits in the same turn, and those that are begun afterwards. */
  cancel(reason: AbortReason): void {
    this.cancelled ??= reason;
    for (const visit of this.visits.values()) visit.abort(reason);
  }

  /** Stops it here; what it has begun elsewhere is left for whoever recovers the run. */
  leave(reason: AbortReason): void {
    for (const visit of this.visits.values()) visit.leave(reason);
    this.undoing?.stop(reason);
  }

  /** Nothing goes on here any more. */
  end(): void {
    for (const timer of this.timers.values()) timer.cancel();
    this.leave(new AbortReason('superseded'));
  }

  private startVisit(visiting: Visiting): void {
    const { token } = visiting.pending;
    const { context, tell } = this.options;
    const visit = new Visit(visiting, {
      context,
      tell,
      inbox: this.inbox,
      onEnd: (report) => {
        this.visits.delete(token);
        if (report !== null) this.reports.push(report);
      },
      onItem: (report) => this.reports.push(report),
    });
    this.visits.set(token, visit);
    if (this.cancelled !== undefined) visit.abort(this.cancelled);
    visit.start();
  }

  private startTimer({ token, dueEpochMs }: PendingTimer): void {
    const { clock, epochMs } = this.options.context;
    const delayMs = dueEpochMs - epochMs();
    const due = () => {
      this.timers.delete(token);
      this.inbox.put({ event: { type: 'timer-due', token } });
    };
    this.timers.set(token, clock.setTimer(delayMs, due));
  }
}
