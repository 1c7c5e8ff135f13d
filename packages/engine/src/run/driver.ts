import { AbortReason } from '@paceline/resilience';
import type { Timer } from '@paceline/resilience';
import { startedBy } from '../define/child.ts';
import type { SnapshotMemo } from '../xstate/step.ts';
import { advance } from './advance.ts';
import { adoption, beginRun } from './begin.ts';
import { beginCompensation } from './compensate.ts';
import { eventOf, receiptFor, tellOfSignals } from './delivery.ts';
import type { Claimed, DriverOptions } from './driver-options.ts';
import { Expiry } from './expiry.ts';
import { Inbox } from './inbox.ts';
import type { Letter } from './inbox.ts';
import type { Receipt, RunMessage } from './message.ts';
import type { OldShape } from './migrate.ts';
import type { StepReport } from './outcome.ts';
import type { Fence, PendingTimer, RunEffect, RunEvent, RunRecord, Undo } from './record.ts';
import { tellOfRest, tellOfRests } from './resting-steps.ts';
import { Rest } from './rest.ts';
import { addCost, costAtEnd } from './spend.ts';
import type { StopSwitch } from './stop-switch.ts';
import { Visit } from './visit.ts';
import type { Visiting } from './visit.ts';

/**
 * Drives one run: takes its events one by one, makes each durable and only then carries out what it asks for. All
 * knowledge about the run is in its record; here is only what works on it in this process.
 */
export class Driver {
  /** Every visit that ended, in that order. */
  readonly reports: StepReport[] = [];
  private readonly options: DriverOptions;
  private readonly inbox = new Inbox();
  private readonly visits = new Map<string, Visit>();
  private readonly timers = new Map<string, Timer>();
  private readonly expiry: Expiry;
  /** Ends the compensation under way, which no cancel and no deadline reaches: only the end of this owner's work. */
  private undoing: StopSwitch | undefined;
  private readonly rest: Rest;
  private memo: SnapshotMemo = {};
  /** `null` before the first entry, and at rest. */
  private record: RunRecord | null = null;
  private fence: Fence | undefined;
  private cancelled: AbortReason | undefined;
  /** Somebody else has to bring the run to its end. */
  private isGivenUp = false;

  constructor(options: DriverOptions) {
    this.options = options;
    this.expiry = new Expiry(options.context, () => this.send({ type: 'deadline' }));
    this.rest = new Rest(options);
  }

  /**
   * From `run-start` to the end and until everything it had begun has come to rest.
   * @throws EngineError `RUN_EXISTS`, `FENCED` when another owner took the run over, and whatever the journal throws
   */
  drive(start: Letter): Promise<RunRecord> {
    return this.toItsEnd(() => this.take(start));
  }

  /**
   * Goes on from where the owner before this one had come: its timers by their due times, the steps it had in flight once more.
   * @throws EngineError as `drive` does
   */
  resume(claimed: Claimed): Promise<RunRecord> {
    this.fence = claimed.fence;
    this.record = claimed.record;
    const { migrateFrom } = claimed;
    return this.toItsEnd(async () => {
      const record = this.record as RunRecord;
      const undoing = record.ending && record.undo?.at(-1);
      if (undoing !== undefined) {
        this.startCompensation(undoing);
        return record;
      }
      // Before anything else: nothing may take effect for a run whose time was over while it lay still.
      if (this.expiry.isOver(record)) return this.takeDeadline(record);
      const begun = migrateFrom === undefined ? record : await this.goOver(record, migrateFrom);
      for (const timer of Object.values(begun.timers)) {
        if (!this.timers.has(timer.token)) this.startTimer(timer);
      }
      for (const pending of Object.values(begun.pending)) {
        if (this.visits.has(pending.token)) continue;
        if (pending.wait !== undefined) tellOfRest(pending, this.options.tell);
        else this.startVisit({ pending, inDoubt: true });
      }
      return begun;
    });
  }

  /** Before it goes on, the run is one of this definition. */
  private async goOver(record: RunRecord, oldShape: OldShape): Promise<RunRecord> {
    const nowEpochMs = this.options.context.epochMs();
    const event = await adoption(this.options, { record, oldShape, nowEpochMs });
    return (await this.take({ event })) ?? record;
  }

  /** Only what may have started child runs is begun once more, to find and stop them. */
  private takeDeadline({ pending }: RunRecord): Promise<RunRecord | null> {
    const { info } = this.options.context;
    for (const each of Object.values(pending)) {
      const step = info.steps[each.step];
      if (step !== undefined && startedBy(step).length > 0) this.startVisit({ pending: each, inDoubt: true });
    }
    return this.take({ event: { type: 'deadline' } });
  }

  private async toItsEnd(begin: () => Promise<RunRecord | null>): Promise<RunRecord> {
    this.expiry.start(this.record);
    try {
      await begin();
      while (this.record?.status === 'running' || this.visits.size > 0) {
        await this.take(await this.nextLetter());
      }
      return this.record as RunRecord;
    } finally {
      this.expiry.stop();
      this.letGo();
    }
  }

  private async nextLetter(): Promise<Letter> {
    const { record } = this;
    if (record === null || !isAtRest(record) || this.visits.size > 0 || !this.inbox.isEmpty) {
      return this.inbox.next();
    }
    return this.nextAfterRest(record.runId);
  }

  private async nextAfterRest(runId: string): Promise<Letter> {
    this.rest.begin(runId);
    this.record = null;
    this.memo = {};
    const letter = await this.inbox.next();
    this.record = await this.rest.end();
    return letter;
  }

  /** Stops what works in the same turn; the run's end follows through the inbox. */
  cancel(reason: AbortReason, answered?: Letter['answered']): void {
    this.cancelled ??= reason;
    for (const visit of this.visits.values()) visit.abort(reason);
    const event: RunEvent = { type: 'cancel', reason: reason.message };
    this.inbox.put(answered === undefined ? { event } : { event, answered });
  }

  /**
   * Resolves once the run has acted on the message durably. Stays open if the driver stops before the run's end: then how it stopped
   * is the answer.
   * @throws EngineError see `eventOf` and `receiptFor`
   */
  deliver(message: RunMessage): Promise<Receipt> {
    // Only an answer is held against what the run waits for.
    if (!this.rest.isOn || message.type !== 'answer') return this.hand(message, this.record);
    return this.rest.read().then((record) => this.hand(message, record));
  }

  private hand(message: RunMessage, record: RunRecord | null): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const event = eventOf(message, this.options.context.info, record);
      const answered = (taken: boolean): void => {
        if (this.record === null || this.isGivenUp) return;
        try {
          resolve(receiptFor(message, this.record, taken));
        } catch (error) {
          reject(error);
        }
      };
      if (event.type === 'cancel') this.cancel(new AbortReason('user', event.reason), answered);
      else this.inbox.put({ event, answered });
    });
  }

  /** Stops what works in the same turn and records nothing: the run stays as it is in the journal, for whoever recovers it. */
  leave(reason: Error): void {
    for (const visit of this.visits.values()) visit.leave(new AbortReason('shutdown', reason.message));
    this.undoing?.stop(new AbortReason('shutdown', reason.message));
    this.rest.stop(reason);
    this.inbox.close(reason);
  }

  private send(event: RunEvent): void {
    this.inbox.put({ event });
  }

  /** Advance, commit, then the effects: nothing is carried out, and nobody hears of it, before it is durable. */
  private async take({ event, answered }: Letter): Promise<RunRecord | null> {
    const { workflow, context, tell } = this.options;
    const advanced = advance({
      workflow,
      record: this.record,
      event,
      nowEpochMs: context.epochMs(),
      memo: this.memo,
    });
    if (advanced === null) {
      answered?.(false);
      await this.keepCost(event);
      return this.record;
    }
    const before = this.record;
    const after = advanced.batch.record;
    if (this.fence === undefined) this.fence = await beginRun(this.options, advanced.batch);
    else await this.options.journal.commit(this.fence, advanced.batch);
    this.record = after;
    this.options.recorded(after.runId);
    this.expiry.follow(after);
    answered?.(true);
    tellOfSignals({ before, after, event }, tell);
    this.reports.push(...tellOfRests({ before, after, event }, tell));
    for (const effect of advanced.effects) this.carryOut(effect, event);
    return this.record;
  }

  /** The run no longer waits for a step's result, but it has paid for it. */
  private async keepCost(event: RunEvent): Promise<void> {
    const cost = costAtEnd(event);
    if (cost === undefined) return;
    const { record } = this;
    try {
      await this.take({ event: { type: 'step-stopped', ...cost } });
    } catch (error) {
      if (record === null || record.status === 'running') throw error;
      // How the run ended is durable: a journal that fails now may lose this cost, not the caller the outcome with it.
      this.record = { ...record, spend: addCost(record.spend, cost) };
    }
  }

  private carryOut(effect: RunEffect, cause: RunEvent): void {
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
        // The loop sees it in the record.
        return;
    }
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

  private startCompensation(undo: Undo): void {
    this.undoing = beginCompensation(undo, { ...this.options, inbox: this.inbox });
  }

  private startTimer({ token, dueEpochMs }: PendingTimer): void {
    const { clock, epochMs } = this.options.context;
    const delayMs = dueEpochMs - epochMs();
    const due = () => {
      this.timers.delete(token);
      this.send({ type: 'timer-due', token });
    };
    this.timers.set(token, clock.setTimer(delayMs, due));
  }

  /** Nothing of the run goes on in this process; only needed when it did not come to its end. */
  private letGo(): void {
    this.isGivenUp = this.rest.isOn || this.record?.status === 'running';
    if (this.isGivenUp && this.fence !== undefined)
      void this.options.journal.release(this.fence).catch(() => {});
    for (const timer of this.timers.values()) timer.cancel();
    for (const visit of this.visits.values()) visit.leave(new AbortReason('superseded'));
    this.undoing?.stop(new AbortReason('superseded'));
    this.inbox.refuseAll();
  }
}

/** As far as the record tells. */
function isAtRest({ status, ending }: RunRecord): boolean {
  return status === 'running' && ending === undefined;
}
