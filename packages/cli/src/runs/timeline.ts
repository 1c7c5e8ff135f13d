import type { AttemptRecord } from '@paceline/gateway';
import { readStepToken, readTimerToken } from 'paceline';
import type {
  Answer,
  Cost,
  Failure,
  JournalEntry,
  RunEvent,
  RunRecord,
  Spend,
  VisitProgress,
  Wait,
} from 'paceline';

/** Something that a run did or waited for. Times are wall time, in milliseconds from the run's start. */
export interface TimelineItem {
  readonly kind: 'step' | 'wait' | 'cancel' | 'deadline' | 'compensation' | 'answer' | 'signal' | 'adopt';
  /** Invoke id of a step, or of the one that is undone or answered; id of a timer; name of a signal. */
  readonly name: string;
  /** Counts the visits of a step from 1; `null` for everything else. */
  readonly visit: number | null;
  readonly startedAfterMs: number;
  /** `null`: in flight. */
  readonly endedAfterMs: number | null;
  /** `stopped`: nobody waited for it any more, but it had a cost. `waiting`: for a person's answer; of a signal, for a state that takes it. */
  readonly result: 'done' | 'failed' | 'stopped' | 'in flight' | 'waiting';
  readonly failure?: Failure;
  /** Of an answer, and of a step that waits for one. */
  readonly asked?: Wait;
  readonly answer?: Answer;
  readonly attempts: number;
  /** `null`: the price of at least one attempt is unknown. */
  readonly costUsd: number | null;
  /** Spent before and between attempts, in queues and in backoffs, and while people were asked. */
  readonly waitedMs: number;
  /** Tools that were called. */
  readonly tools: number;
  /** Until the run's deadline as it stands now, when it ended; now, while it is in flight. Below 0 once it is over. */
  readonly leftMs: number;
}

interface Work {
  readonly attempts: AttemptRecord[];
  tools: number;
  /** Of the child runs that it started. */
  childSpend?: Pick<Spend, 'attempts' | 'unpricedAttempts' | 'knownUsd'> | undefined;
  /** What people have taken to answer. */
  restedMs: number;
  /** What it waits for now. */
  rest?: { readonly wait: Wait; readonly sinceEpochMs: number } | undefined;
}

type Ended = Pick<
  TimelineItem,
  'kind' | 'name' | 'visit' | 'startedAfterMs' | 'result' | 'failure' | 'asked' | 'answer'
>;

/** Reads a run's journal, entry by entry, into what happened and when. */
export class Timeline {
  private readonly record: RunRecord;
  private readonly items: TimelineItem[] = [];
  /** When each entry was written; the first is at 1. */
  private readonly atEpochMs: number[] = [];
  /** Of steps in flight, by token. */
  private readonly work = new Map<string, Work>();

  constructor(record: RunRecord) {
    this.record = record;
  }

  /** In order, from the first. */
  add({ seq, atEpochMs, event }: JournalEntry): void {
    this.atEpochMs[seq] = atEpochMs;
    switch (event.type) {
      case 'run-start':
        return;
      case 'step-progress':
        return this.addProgress(event.token, event.progress, atEpochMs);
      case 'step-done':
        return this.endStep(event, 'done', atEpochMs);
      case 'step-failed':
        return this.endStep(event, 'failed', atEpochMs);
      case 'step-stopped':
        return this.endStep(event, 'stopped', atEpochMs);
      case 'child-stopped': {
        const { token, spend: childSpend } = event;
        return this.endStep({ token, attempts: [], childSpend }, 'stopped', atEpochMs);
      }
      case 'step-wait':
        this.open(event.token).rest = { wait: event.wait, sinceEpochMs: atEpochMs };
        return;
      case 'step-answer':
        return this.addAnswer(event, atEpochMs);
      case 'compensation-end': {
        const { token, childRunId = this.record.runId, failure } = event;
        const { invokeId: name, visit } = readStepToken(childRunId, token);
        const result = failure === undefined ? 'done' : 'failed';
        const ended = { kind: 'compensation', name, visit, result, ...(failure && { failure }) } as const;
        return this.put({ ...ended, startedAfterMs: this.afterMs(seq - 1) }, atEpochMs);
      }
      case 'timer-due': {
        const { id, seq: set } = readTimerToken(this.record.runId, event.token);
        const ended = { kind: 'wait', name: id, visit: null, result: 'done' } as const;
        return this.put({ ...ended, startedAfterMs: this.afterMs(set) }, atEpochMs);
      }
      case 'signal': {
        const waits = this.record.mailbox?.some(({ id }) => id === event.id) ?? false;
        const startedAfterMs = atEpochMs - this.record.startedEpochMs;
        const ended = { kind: 'signal', name: event.name, visit: null } as const;
        return this.put({ ...ended, startedAfterMs, result: waits ? 'waiting' : 'done' }, atEpochMs);
      }
      case 'run-adopt': {
        const { type } = event.cause;
        const startedAfterMs = atEpochMs - this.record.startedEpochMs;
        const ended = { kind: 'adopt', name: type, visit: null, result: 'done' } as const;
        return this.put({ ...ended, startedAfterMs }, atEpochMs);
      }
      case 'cancel':
      case 'deadline': {
        const startedAfterMs = atEpochMs - this.record.startedEpochMs;
        const failure = this.record.failure;
        const ended = { kind: event.type, name: event.type, visit: null, result: 'done' } as const;
        return this.put({ ...ended, startedAfterMs, ...(failure !== undefined && { failure }) }, atEpochMs);
      }
    }
  }

  /** What ended, in that order, then what is in flight. */
  upTo(nowEpochMs: number): readonly TimelineItem[] {
    const { runId, pending, timers, expiresEpochMs, waiting } = this.record;
    const inFlight = {
      endedAfterMs: null,
      result: 'in flight',
      // A deadline that stands still while the run waits for people stood still since then.
      leftMs: expiresEpochMs - (waiting?.sinceEpochMs ?? nowEpochMs),
    } as const;
    return [
      ...this.items,
      ...Object.values(pending).map(({ token, invokeId, visit, wait }) => ({
        kind: 'step' as const,
        name: invokeId,
        visit,
        startedAfterMs: this.afterMs(readStepToken(runId, token).seq),
        ...inFlight,
        ...(wait !== undefined && { result: 'waiting' as const, asked: wait }),
        ...sumOf(this.workOf(token), nowEpochMs),
      })),
      ...Object.values(timers).map(({ token, id }) => ({
        kind: 'wait' as const,
        name: id,
        visit: null,
        startedAfterMs: this.afterMs(readTimerToken(runId, token).seq),
        ...inFlight,
        ...sumOf(NO_WORK),
      })),
    ];
  }

  private addProgress(token: string, progress: VisitProgress, atEpochMs: number): void {
    switch (progress.type) {
      case 'turn':
        this.open(token).attempts.push(...progress.attempts);
        return;
      case 'tool-start':
        this.open(token).tools++;
        return;
      case 'item-progress':
        return this.addProgress(itemKey(token, progress.index), progress.progress, atEpochMs);
      case 'item-end':
        return this.endItem(token, progress, atEpochMs);
    }
  }

  private endItem(token: string, { index, ms, failure, ...cost }: ItemEnd, atEpochMs: number): void {
    const { invokeId, visit } = readStepToken(this.record.runId, token);
    const key = itemKey(token, index);
    const work = this.workOf(key);
    this.work.delete(key);
    const result = failure === undefined ? 'done' : 'failed';
    const startedAfterMs = Math.max(0, atEpochMs - ms - this.record.startedEpochMs);
    const name = `${invokeId}[${index}]`;
    const ended = { kind: 'step', name, visit, startedAfterMs, result, ...(failure && { failure }) } as const;
    this.put(ended, atEpochMs, withCost(work, cost));
  }

  private addAnswer({ token, answer }: StepAnswer, atEpochMs: number): void {
    const { invokeId: name, visit } = readStepToken(this.record.runId, token);
    const work = this.open(token);
    const { rest } = work;
    if (rest === undefined) return;
    const result = answer.type === 'approve' || answer.type === 'done' ? 'done' : 'failed';
    const startedAfterMs = rest.sinceEpochMs - this.record.startedEpochMs;
    const asked = rest.wait;
    this.put({ kind: 'answer', name, visit, startedAfterMs, result, asked, answer }, atEpochMs);
    work.restedMs += atEpochMs - rest.sinceEpochMs;
    work.rest = undefined;
    // A step in doubt that calls no tools ends by its answer.
    if (asked.type === 'uncertain' && asked.toolCallId === undefined) {
      this.endStep({ token, attempts: [] }, result, atEpochMs);
    }
  }

  private endStep(event: StepEnd, result: TimelineItem['result'], atEpochMs: number): void {
    const { token } = event;
    const { seq, invokeId, visit } = readStepToken(this.record.runId, token);
    const work = this.workOf(token);
    this.work.delete(token);
    const failed = event.failure === undefined ? {} : { failure: event.failure };
    const startedAfterMs = this.afterMs(seq);
    const ended = { kind: 'step', name: invokeId, visit, startedAfterMs, result, ...failed } as const;
    this.put(ended, atEpochMs, withCost(work, event));
  }

  private put(ended: Ended, atEpochMs: number, work = NO_WORK): void {
    this.items.push({
      ...ended,
      endedAfterMs: atEpochMs - this.record.startedEpochMs,
      ...sumOf(work),
      leftMs: this.record.expiresEpochMs - atEpochMs,
    });
  }

  private workOf(token: string): Work {
    return this.work.get(token) ?? { attempts: [], tools: 0, restedMs: 0 };
  }

  private open(token: string): Work {
    const work = this.workOf(token);
    this.work.set(token, work);
    return work;
  }

  private afterMs(seq: number): number {
    return (this.atEpochMs[seq] ?? this.record.startedEpochMs) - this.record.startedEpochMs;
  }
}

type StepAnswer = Extract<RunEvent, { readonly type: 'step-answer' }>;

type ItemEnd = Extract<VisitProgress, { readonly type: 'item-end' }>;

interface StepEnd extends Cost {
  readonly token: string;
  readonly failure?: Failure;
}

/** Tells an item of a step from the step. */
function itemKey(token: string, index: number): string {
  return `${token}[${index}]`;
}

function withCost(work: Work, { attempts, childSpend }: Cost): Work {
  return { ...work, attempts: [...work.attempts, ...attempts], childSpend };
}

const NO_SPEND = { attempts: 0, unpricedAttempts: 0, knownUsd: 0 };

const NO_WORK: Work = { attempts: [], tools: 0, restedMs: 0 };

function sumOf({ attempts, childSpend = NO_SPEND, tools, restedMs, rest }: Work, nowEpochMs = 0) {
  const restsMs = rest === undefined ? 0 : nowEpochMs - rest.sinceEpochMs;
  const priced = attempts.every(({ costUsd }) => costUsd !== null) && childSpend.unpricedAttempts === 0;
  return {
    attempts: attempts.length + childSpend.attempts,
    costUsd: priced ? attempts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), childSpend.knownUsd) : null,
    waitedMs: waitedMs(attempts) + restedMs + Math.max(0, restsMs),
    tools,
  };
}

/** Each call counts from its own start, and its first attempt begins anew. */
function waitedMs(attempts: readonly AttemptRecord[]): number {
  let waited = 0;
  let endedAfterMs = 0;
  for (const { attempt, startedAfterMs, ms } of attempts) {
    if (attempt === 1) endedAfterMs = 0;
    waited += Math.max(0, startedAfterMs - endedAfterMs);
    endedAfterMs = Math.max(endedAfterMs, startedAfterMs + ms);
  }
  return waited;
}
