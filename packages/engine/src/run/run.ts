import { createMoneyMeter } from '@paceline/gateway';
import type { Criticality, Gateway, SecretFinder } from '@paceline/gateway';
import { AbortReason, createRetryBudget } from '@paceline/resilience';
import type { Clock, Random } from '@paceline/resilience';
import { FIRST_VERSION, workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import type { EngineEvent } from '../events.ts';
import type { JournalStore } from '../journal/store.ts';
import type { ChildRuns, Inheritance } from './child/contract.ts';
import { Driver } from './driver.ts';
import type { Claimed } from './driver-options.ts';
import { runEnded } from './delivery.ts';
import { stepTimes } from './floor.ts';
import { messageOf } from './failure.ts';
import type { Letter } from './inbox.ts';
import { outcomeOf, refusedOutcome } from './outcome.ts';
import type { Probes } from './probes.ts';
import type { RunOutcome } from './outcome.ts';
import type { Receipt, RunMessage } from './message.ts';
import type { Caller, Failure, RunRecord } from './record.ts';
import { checkReplay } from './replay.ts';
import { assertNoSecret, secretOf, withoutSecretReason } from './secrets.ts';
import { checkRecorded } from './schema.ts';
import type { RunContext } from './step-run.ts';
import type { Tell, Told } from './tell.ts';

export interface RunOptions {
  /** Tightens the workflow's `budget.totalMs` for this run, in milliseconds. Above 0. */
  readonly deadlineMs?: number;
  /** Attribution, e.g. `{ team: 'cx' }`: travels with every event, record and model call of the run. */
  readonly labels?: Readonly<Record<string, string>>;
  /** On whose behalf: no tenant gets more than its share of a contended target. @default one tenant for all that name none */
  readonly tenant?: string;
  /** What is refused first when there is not enough for all. @default 'critical' */
  readonly criticality?: Criticality;
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal;
  /** The caller's own id; starting a second run with it fails with `RUN_EXISTS`. @default a random one */
  readonly runId?: string;
}

/** What all runs of an engine share. */
export interface RunHost {
  readonly gateway: Gateway;
  readonly journal: JournalStore;
  readonly clock: Clock;
  readonly random: Random;
  /** After every run, fold its journal again and compare. */
  readonly replayCheck: boolean;
  /** Finds known secrets, which are not recorded. */
  readonly secretIn: SecretFinder | undefined;
  readonly children: ChildRuns;
  readonly probes: Probes;
  /** Told each time an entry of a run has become durable. */
  readonly recorded: (runId: string) => void;
  /** Told when nothing works on a run any more, and when something does again. */
  readonly rests: (runId: string, isAtRest: boolean) => void;
}

/** One run as it was asked for. */
export interface RunOrder {
  readonly runId: string;
  readonly workflow: Workflow;
  readonly input: unknown;
  readonly options: RunOptions;
  /** Of a child run. */
  readonly inherited?: Inheritance;
  /** Whether anybody listens: events that nobody would hear are not made. */
  readonly isHeard: (type: EngineEvent['type']) => boolean;
  /** Told every event of the run. Must not throw. */
  readonly emit: (event: EngineEvent) => void;
}

export interface ActiveRun {
  /** @throws EngineError `RUN_EXISTS`, `FENCED`, `WORKFLOW_INVALID` (replay check), and whatever the journal throws */
  readonly result: Promise<RunOutcome<unknown>>;
  readonly tell: Tell;
  /** @throws EngineError as `Driver.deliver` does, or what `result` rejects with if the run is given up first */
  deliver(message: RunMessage): Promise<Receipt>;
  cancel(reason: AbortReason): void;
  /** Stops working on it and leaves it unfinished in the journal; `result` rejects with `reason`. */
  leave(reason: Error): void;
}

/** A run's own parts. */
interface Parts {
  readonly context: RunContext;
  readonly driver: Driver;
  readonly tell: Tell;
}

/** Starts a run. */
export function startRun(order: RunOrder, host: RunHost): ActiveRun {
  const { workflow, options } = order;
  const { budget } = workflowInfo(workflow);
  const parts = partsOf(order, host, {
    startedMs: host.clock.nowMs(),
    startedEpochMs: host.clock.epochMs(),
    totalMs: totalMsOf(workflow, options),
    labels: options.labels ?? {},
    caller: callerOf(options),
    capUsd: budget.usd ?? null,
    spentUsd: 0,
  });
  return activeRun(conduct(order, host, parts), parts);
}

/** A run's whole time, in milliseconds. */
export function totalMsOf(workflow: Workflow, { deadlineMs = Number.POSITIVE_INFINITY }: RunOptions): number {
  return Math.min(workflowInfo(workflow).budget.totalMs, deadlineMs);
}

export function callerOf({ tenant, criticality }: RunOptions): Caller {
  return { ...(tenant !== undefined && { tenant }), ...(criticality !== undefined && { criticality }) };
}

/** A run that another owner began, and the run's wall time when it was last heard of. */
export interface ResumeOrder extends Omit<RunOrder, 'runId' | 'input'> {
  readonly claimed: Claimed;
  readonly lastEpochMs: number;
}

/**
 * Goes on with a run. Its deadline is the one it was given: what is left of it is what was left when it was last heard of, less the
 * time it lay still. A wall clock that went back meanwhile gives it nothing, one that went ahead takes it; neither touches a run
 * whose deadline stands still.
 */
export function resumeRun({ claimed, lastEpochMs, ...order }: ResumeOrder, host: RunHost): ActiveRun {
  const { record } = claimed;
  const { runId, startedEpochMs, expiresEpochMs, labels, caller = {}, capUsd, spend, seq } = record;
  const waitedMs = record.waiting?.waitedMs ?? 0;
  const nowEpochMs = Math.max(lastEpochMs, host.clock.epochMs());
  const parts = partsOf({ ...order, runId }, host, {
    startedMs: host.clock.nowMs() - (nowEpochMs - startedEpochMs),
    startedEpochMs,
    totalMs: expiresEpochMs - startedEpochMs - waitedMs,
    waitedMs,
    labels,
    caller,
    capUsd,
    spentUsd: spend.knownUsd,
  });
  const { context, driver, tell } = parts;
  tell({
    type: 'run-resume',
    workflowId: context.info.id,
    labels,
    ...(record.parent !== undefined && { parentRunId: record.parent.runId }),
    seq,
    leftMs: Math.max(0, expiresEpochMs - (record.waiting?.sinceEpochMs ?? nowEpochMs)),
  });
  const outcome = toOutcome(() => driver.resume(claimed), { ...order, host, parts });
  return activeRun(outcome, parts);
}

export function activeRun(
  outcome: Promise<RunOutcome<unknown>>,
  { context, tell, driver }: Parts,
): ActiveRun {
  const result = outcome.then((ended) => {
    tell({ type: 'run-end', outcome: ended });
    return ended;
  });
  return {
    result,
    tell,
    deliver: async (message) => {
      assertNoSecret(message, 'The message', context.secretIn);
      const over = result.then(() => {
        throw runEnded(context.runId);
      });
      return Promise.race([driver.deliver(message), over]);
    },
    cancel: (reason) => driver.cancel(withoutSecretReason(reason, context.secretIn)),
    leave: (reason) => driver.leave(reason),
  };
}

/** Where a run stands in time and money when this process begins to work on it. */
interface Beginning {
  /** Monotonic; may lie before this process. */
  readonly startedMs: number;
  readonly startedEpochMs: number;
  readonly totalMs: number;
  /** What its deadline has moved by. @default 0 */
  readonly waitedMs?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly capUsd: number | null;
  readonly spentUsd: number;
}

type Owned = Pick<RunOrder, 'runId' | 'workflow' | 'inherited' | 'isHeard' | 'emit'>;

export function partsOf(order: Owned, host: RunHost, beginning: Beginning): Parts {
  const { runId, workflow, inherited, isHeard, emit } = order;
  const { gateway, clock, random, journal, children, recorded, rests } = host;
  const { startedMs, startedEpochMs, totalMs, waitedMs = 0, labels, caller, capUsd, spentUsd } = beginning;
  const info = workflowInfo(workflow);
  const context: RunContext = {
    runId,
    info,
    labels,
    caller,
    startedMs,
    totalMs,
    deadline: { atMs: startedMs + totalMs + waitedMs },
    budget: {
      retries: inherited?.budget.retries ?? createRetryBudget(),
      money: createMoneyMeter(capUsd, spentUsd, inherited?.budget.money),
    },
    times: stepTimes(info, gateway.ledger),
    probes: host.probes,
    gateway,
    secretIn: host.secretIn,
    clock,
    random,
    parentRunId: inherited?.parent.runId,
    depth: inherited?.depth ?? 0,
    children,
    entries: (fromSeq) => journal.entries(runId, fromSeq),
    epochMs: () => startedEpochMs + (clock.nowMs() - startedMs),
  };
  const tell: Tell = (event) => {
    if (!isHeard(event.type)) return;
    emit({ ...event, runId, afterMs: clock.nowMs() - startedMs });
  };
  return { context, tell, driver: new Driver({ workflow, context, journal, tell, recorded, rests }) };
}

/** From the input to the outcome. */
async function conduct(order: RunOrder, host: RunHost, parts: Parts): Promise<RunOutcome<unknown>> {
  const { context, driver, tell } = parts;
  const input = checkRecorded(context.info.input, order.input);
  if (!input.ok) return refuseStart(parts, { code: 'INPUT_INVALID', message: input.problem });
  const { runId, labels, caller, totalMs, budget } = context;
  const start: Letter = {
    event: {
      type: 'run-start',
      runId,
      ...(context.info.version !== FIRST_VERSION && { version: context.info.version }),
      input: input.value,
      labels,
      ...(Object.keys(caller).length > 0 && { caller }),
      ...(order.inherited !== undefined && { parent: order.inherited.parent }),
      totalMs,
      ...(context.info.budget.waiting === 'free' && { waiting: 'free' as const }),
      capUsd: budget.money.capUsd,
    },
    answered: () => tell(runStart(context)),
  };
  const secret = secretOf(start.event, 'What the run is given', context.secretIn);
  if (secret !== undefined) return refuseStart(parts, secret);
  const { workflow, options } = order;
  return toOutcome(() => driver.drive(start), { workflow, options, host, parts });
}

/** Nothing is recorded for an input that does not fit, or of which nothing may be recorded. */
function refuseStart({ context, tell }: Parts, failure: Failure): RunOutcome<unknown> {
  tell(runStart(context));
  return refusedOutcome(context.runId, failure);
}

interface Driven {
  readonly workflow: Workflow;
  readonly options: RunOptions;
  readonly host: RunHost;
  readonly parts: Parts;
}

/** Not async: what it takes to begin, the input or a record, is not to be held for as long as the run goes on. */
export function toOutcome(drive: () => Promise<RunRecord>, driven: Driven): Promise<RunOutcome<unknown>> {
  const stopListening = cancelOn(driven.options.signal, driven.parts.driver);
  return outcomeAfter(drive(), driven).finally(stopListening);
}

async function outcomeAfter(
  driving: Promise<RunRecord>,
  { workflow, host, parts }: Driven,
): Promise<RunOutcome<unknown>> {
  const { context, driver } = parts;
  const record = await driving;
  const ms = host.clock.nowMs() - context.startedMs;
  if (host.replayCheck) await checkReplay(workflow, host.journal, record);
  return outcomeOf(record, { ms, totalMs: context.totalMs, steps: driver.reports });
}

export function runStart({ info, labels, parentRunId, totalMs }: RunContext): Told {
  const ofParent = parentRunId === undefined ? {} : { parentRunId };
  return { type: 'run-start', workflowId: info.id, labels, ...ofParent, totalMs };
}

/** @returns what stops it from listening */
export function cancelOn(signal: AbortSignal | undefined, run: Pick<Driver, 'cancel'>): () => void {
  if (signal === undefined) return () => {};
  const cancel = () => run.cancel(new AbortReason('user', messageOf(signal.reason)));
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
