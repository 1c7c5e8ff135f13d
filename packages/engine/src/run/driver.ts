import { AbortReason } from '@paceline/resilience';
import type { SnapshotMemo } from '../xstate/step.ts';
import { advance } from './advance.ts';
import type { Advance } from './advance.ts';
import { adoption, beginRun } from './begin.ts';
import { countStopping } from './child/stopping-children.ts';
import { eventOf, receiptFor, tellOfSignals } from './delivery.ts';
import type { Claimed, DriverOptions } from './driver-options.ts';
import { Expiry } from './expiry.ts';
import { Inbox } from './inbox.ts';
import type { Letter } from './inbox.ts';
import type { Receipt, RunMessage } from './message.ts';
import type { OldShape } from './migrate.ts';
import type { StepReport } from './outcome.ts';
import type { Fence, RunEvent, RunRecord } from './record.ts';
import { tellOfRests } from './resting-steps.ts';
import { Rest } from './rest.ts';
import { isOver } from './signals.ts';
import { withLateCost } from './step-events.ts';
import { Work } from './work.ts';

/**
 * Drives one run: takes its events one by one, makes each durable and only then carries out what it asks for. All
 * knowledge about the run is in its record, and what works on it in this process is its `Work`.
 */
export class Driver {
  private readonly options: DriverOptions;
  private readonly inbox = new Inbox();
  private readonly work: Work;
  private readonly expiry: Expiry;
  private readonly rest: Rest;
  private memo: SnapshotMemo = {};
  /** `null` before the first entry, and at rest. */
  private record: RunRecord | null = null;
  private fence: Fence | undefined;
  /** Somebody else has to bring the run to its end. */
  private isGivenUp = false;

  constructor(options: DriverOptions) {
    this.options = options;
    this.work = new Work(options, this.inbox);
    this.expiry = new Expiry(options.context, () => this.inbox.put({ event: { type: 'deadline' } }));
    this.rest = new Rest(options);
  }

  /** Every visit that ended, in that order. */
  get reports(): readonly StepReport[] {
    return this.work.reports;
  }

  /**
   * From `run-start` to the end and until everything it had begun has come to rest.
   * @throws EngineError `RUN_EXISTS`, `FENCED` when another owner took the run over, and whatever the journal throws
   */
  drive(start: Letter): Promise<RunRecord> {
    return this.toItsEnd(() => this.take(start));
  }

  /**
   * Goes on from where the owner before this one had come.
   * @throws EngineError as `drive` does
   */
  resume(claimed: Claimed): Promise<RunRecord> {
    this.fence = claimed.fence;
    this.record = claimed.record;
    // Not the record, which is not to be held for as long as the run goes on.
    const { migrateFrom } = claimed;
    return this.toItsEnd(() => this.takeUp(migrateFrom));
  }

  private async takeUp(migrateFrom: OldShape | undefined): Promise<void> {
    const record = this.record as RunRecord;
    const { context, journal } = this.options;
    if (record.stopping !== undefined) await countStopping(record.stopping, context, journal);
    if (!isOver(record)) {
      // Before anything else: nothing may take effect for a run whose time was over while it lay still.
      if (this.expiry.isOver(record)) await this.take({ event: { type: 'deadline' } });
      else if (migrateFrom !== undefined) await this.goOver(record, migrateFrom);
    }
    this.work.goOn(this.record as RunRecord);
  }

  /** Before it goes on, the run is one of this definition. */
  private async goOver(record: RunRecord, oldShape: OldShape): Promise<void> {
    const nowEpochMs = this.options.context.epochMs();
    const event = await adoption(this.options, { record, oldShape, nowEpochMs });
    await this.take({ event });
  }

  private async toItsEnd(begin: () => Promise<unknown>): Promise<RunRecord> {
    this.expiry.start(this.record);
    try {
      await begin();
      while (this.record?.status === 'running' || this.work.hasVisits) {
        await this.take(await this.nextLetter());
      }
      return this.record as RunRecord;
    } finally {
      this.expiry.stop();
      this.letGo();
    }
  }

  /** Not `async`: that would make a promise of its own, and every event passes here. */
  private nextLetter(): Promise<Letter> {
    const { record } = this;
    if (record === null || !isAtRest(record) || this.work.hasVisits || !this.inbox.isEmpty) {
      return this.inbox.next();
    }
    return this.nextAfterRest(record.runId);
  }

  private async nextAfterRest(runId: string): Promise<Letter> {
    this.rest.begin(runId);
    this.work.rest();
    this.record = null;
    this.memo = {};
    const letter = await this.inbox.next();
    this.record = await this.rest.end();
    return letter;
  }

  /** Stops what works in the same turn; the run's end follows through the inbox. */
  cancel(reason: AbortReason, answered?: Letter['answered']): void {
    this.work.cancel(reason);
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
    this.work.leave(new AbortReason('shutdown', reason.message));
    this.rest.stop(reason);
    this.inbox.close(reason);
  }

  /**
   * Advance, commit, then the effects: nothing is carried out, and nobody hears of it, before it is durable. Not `async`, as every event
   * passes here.
   */
  private take(letter: Letter): Promise<unknown> {
    const { workflow, context, journal } = this.options;
    const { event, answered } = letter;
    const advanced = advance({
      workflow,
      record: this.record,
      event,
      nowEpochMs: context.epochMs(),
      memo: this.memo,
    });
    if (advanced === null) {
      answered?.(false);
      return this.keepCost(event);
    }
    if (this.fence !== undefined) {
      return journal.commit(this.fence, advanced.batch).then(() => this.carryOut(letter, advanced));
    }
    return beginRun(this.options, advanced.batch).then((fence) => {
      this.fence = fence;
      this.carryOut(letter, advanced);
    });
  }

  /** The entry is durable. */
  private carryOut({ event, answered }: Letter, { batch, effects }: Advance): void {
    const { tell, recorded } = this.options;
    const before = this.record;
    const after = batch.record;
    this.record = after;
    recorded(after.runId);
    this.expiry.follow(after);
    answered?.(true);
    tellOfSignals({ before, after, event }, tell);
    for (const report of tellOfRests({ before, after, event }, tell)) this.work.reports.push(report);
    for (const effect of effects) this.work.carryOut(effect, event);
  }

  /** The run no longer waits for a step's result, but it has paid for it. */
  private async keepCost(event: RunEvent): Promise<void> {
    if (event.type !== 'step-done' && event.type !== 'step-failed') return;
    const { token, attempts } = event;
    const { record } = this;
    try {
      await this.take({ event: { type: 'step-stopped', token, attempts } });
    } catch (error) {
      if (record === null || record.status === 'running') throw error;
      // How the run ended is durable: a journal that fails now may lose this cost, not the caller the outcome with it.
      this.record = withLateCost(record, { token, attempts });
    }
  }

  /** Nothing of the run goes on in this process; only needed when it did not come to its end. */
  private letGo(): void {
    this.isGivenUp = this.rest.isOn || this.record?.status === 'running';
    if (this.isGivenUp && this.fence !== undefined)
      void this.options.journal.release(this.fence).catch(() => {});
    this.work.end();
    this.inbox.refuseAll();
  }
}

/** As far as the record tells. */
function isAtRest(record: RunRecord): boolean {
  return !isOver(record) && record.stopping === undefined;
}
