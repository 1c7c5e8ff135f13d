import { AbortReason } from '@paceline/resilience';
import type { Timer } from '@paceline/resilience';
import { spendAtRest } from './child/stopping-children.ts';
import { beginCompensation } from './compensate.ts';
import type { DriverOptions } from './driver-options.ts';
import type { Inbox } from './inbox.ts';
import type { StepReport } from './outcome.ts';
import type { PendingTimer, RunEffect, RunEvent, RunRecord, StoppedChild, Undo } from './record.ts';
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
  /** Mostly one: a list, since V8 makes a new table for each entry that leaves a small `Map`. */
  private readonly visits: Visit[] = [];
  private readonly timers = new Map<string, Timer>();
  /** Ends the compensation under way, which no cancel and no deadline reaches: only the end of this owner's work. */
  private undoing: StopSwitch | undefined;
  /** Child runs that are to come to rest, by id. */
  private readonly stopping = new Map<string, StoppedChild>();
  private cancelled: AbortReason | undefined;

  constructor(options: DriverOptions, inbox: Inbox) {
    this.options = options;
    this.inbox = inbox;
  }

  /** Whether a visit has still to come to its end. */
  get hasVisits(): boolean {
    return this.visits.length > 0;
  }

  /** @param cause the event that asked for it */
  carryOut(effect: RunEffect, cause: RunEvent): void {
    switch (effect.type) {
      case 'step-start':
        return this.startVisit({ pending: effect.pending, inDoubt: false });
      case 'step-abort':
        return this.visitOf(effect.token)?.abort(
          this.cancelled ?? new AbortReason(cause.type === 'deadline' ? 'deadline' : 'superseded'),
        );
      case 'timer-set':
        return this.startTimer(effect.timer);
      case 'timer-cancel':
        this.timers.get(effect.token)?.cancel();
        this.timers.delete(effect.token);
        return;
      case 'child-stop':
        return this.stopChild(effect.child);
      case 'compensation-start':
        return this.startCompensation(effect.undo);
      case 'run-end':
        // The driver's loop sees it in the record.
        return;
    }
  }

  /**
   * Goes on with what is not under way here yet, as the owner before this one had it in flight: timers by their due times, steps once more, child runs
   * that are to come to rest, a compensation.
   */
  goOn({ timers, pending, stopping = [], undo, ending }: RunRecord): void {
    for (const timer of Object.values(timers)) {
      if (!this.timers.has(timer.token)) this.startTimer(timer);
    }
    for (const each of Object.values(pending)) {
      if (this.visitOf(each.token) !== undefined) continue;
      if (each.wait !== undefined) tellOfRest(each, this.options.tell);
      else this.startVisit({ pending: each, inDoubt: true });
    }
    for (const child of stopping) this.stopChild(child);
    const newest = ending === undefined || stopping.length > 0 ? undefined : undo?.at(-1);
    if (newest !== undefined && this.undoing === undefined) this.startCompensation(newest);
  }

  /** Stops all visits in the same turn, and those that are begun afterwards. */
  cancel(reason: AbortReason): void {
    this.cancelled ??= reason;
    for (const visit of this.visits) visit.abort(reason);
  }

  /** Stops it here; what it has begun elsewhere is left for whoever recovers the run. */
  leave(reason: AbortReason): void {
    for (const visit of this.visits) visit.leave(reason);
    this.undoing?.stop(reason);
  }

  /** Nobody works on the run for now, and perhaps for weeks. */
  rest(): void {
    this.options.context.stepTimer.rest();
  }

  /** Nothing goes on here any more. */
  end(): void {
    this.rest();
    for (const timer of this.timers.values()) timer.cancel();
    // An error, stack and all, is made only where somebody is to be given it.
    if (this.visits.length > 0 || this.undoing !== undefined) this.leave(new AbortReason('superseded'));
  }

  private startVisit(visiting: Visiting): void {
    const { token } = visiting.pending;
    const { context, tell } = this.options;
    const visit = new Visit(visiting, {
      context,
      tell,
      inbox: this.inbox,
      onEnd: (report) => {
        this.visits.splice(this.visits.indexOf(visit), 1);
        if (report !== null) this.reports.push(report);
        for (const child of this.stopping.values()) {
          if (child.token === token) void this.bringToRest(child);
        }
      },
      onItem: (report) => this.reports.push(report),
    });
    this.visits.push(visit);
    if (this.cancelled !== undefined) visit.abort(this.cancelled);
    visit.start();
  }

  private visitOf(token: string): Visit | undefined {
    return this.visits.find(({ pending }) => pending.token === token);
  }

  private startCompensation(undo: Undo): void {
    this.undoing = beginCompensation(undo, { ...this.options, inbox: this.inbox });
  }

  private stopChild(child: StoppedChild): void {
    if (this.stopping.has(child.runId)) return;
    this.stopping.set(child.runId, child);
    // Its visit may be about to find it, and ends soon.
    if (this.visitOf(child.token) === undefined) void this.bringToRest(child);
  }

  /** Whatever ends the work on the child ends that on its parent: the journal knows what both have still to do. */
  private async bringToRest(child: StoppedChild): Promise<void> {
    const { runId, token } = child;
    try {
      const spend = await spendAtRest(child, this.options.context);
      const answered = () => this.stopping.delete(runId);
      this.inbox.put({ event: { type: 'child-stopped', runId, token, spend }, answered });
    } catch (error) {
      this.inbox.close(error);
    }
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
