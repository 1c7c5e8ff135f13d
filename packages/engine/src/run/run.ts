import { createMoneyMeter } from '@paceline/gateway';
import type { Gateway, Json } from '@paceline/gateway';
import { AbortReason, createRetryBudget, deadlineIn } from '@paceline/resilience';
import type { Clock, Random } from '@paceline/resilience';
import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import type { EngineEvent } from '../events.ts';
import type { JournalStore } from '../journal/store.ts';
import { Driver } from './driver.ts';
import { stepTimes } from './floor.ts';
import { messageOf } from './failure.ts';
import { outcomeOf, refusedOutcome } from './outcome.ts';
import type { RunOutcome } from './outcome.ts';
import { checkReplay } from './replay.ts';
import { checkRecorded } from './schema.ts';
import type { RunContext } from './step-run.ts';
import type { Tell, Told } from './tell.ts';

export interface RunOptions {
  /** Tightens the workflow's `budget.totalMs` for this run, in milliseconds. Above 0. */
  readonly deadlineMs?: number;
  /** Attribution, e.g. `{ team: 'cx' }`: travels with every event, record and model call of the run. */
  readonly labels?: Readonly<Record<string, string>>;
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
}

/** One run as it was asked for. */
export interface RunOrder {
  readonly runId: string;
  readonly workflow: Workflow;
  readonly input: unknown;
  readonly options: RunOptions;
  /** Whether anybody listens: events that nobody would hear are not made. */
  readonly isHeard: (type: EngineEvent['type']) => boolean;
  /** Told every event of the run. Must not throw. */
  readonly emit: (event: EngineEvent) => void;
}

export interface ActiveRun {
  /** @throws EngineError `RUN_EXISTS`, `FENCED`, `WORKFLOW_INVALID` (replay check), and whatever the journal throws */
  readonly result: Promise<RunOutcome<unknown>>;
  readonly tell: Tell;
  cancel(reason: AbortReason): void;
}

/** A run's own parts. */
interface Parts {
  readonly context: RunContext;
  readonly driver: Driver;
  readonly tell: Tell;
}

export function startRun(order: RunOrder, host: RunHost): ActiveRun {
  const context = contextOf(order, host);
  const tell: Tell = (event) => {
    if (!order.isHeard(event.type)) return;
    const afterMs = host.clock.nowMs() - context.startedMs;
    order.emit({ ...event, runId: order.runId, afterMs });
  };
  const driver = new Driver({ workflow: order.workflow, context, journal: host.journal, tell });
  const result = conduct(order, host, { context, driver, tell });
  return { result, tell, cancel: (reason) => driver.cancel(reason) };
}

function contextOf({ runId, workflow, options }: RunOrder, { gateway, clock, random }: RunHost): RunContext {
  const info = workflowInfo(workflow);
  const totalMs = Math.min(info.budget.totalMs, options.deadlineMs ?? Number.POSITIVE_INFINITY);
  return {
    runId,
    info,
    labels: options.labels ?? {},
    startedMs: clock.nowMs(),
    totalMs,
    deadline: deadlineIn(clock, totalMs),
    budget: { retries: createRetryBudget(), money: createMoneyMeter(info.budget.usd ?? null) },
    times: stepTimes(info, gateway.ledger),
    gateway,
    clock,
    random,
  };
}

/** From the input to the outcome. */
async function conduct(order: RunOrder, host: RunHost, parts: Parts): Promise<RunOutcome<unknown>> {
  const { context, tell } = parts;
  const input = checkRecorded(context.info.input, order.input);
  const outcome = input.ok
    ? await drive(order, host, { ...parts, input: input.value })
    : refuseInput(parts, input.problem);
  tell({ type: 'run-end', outcome });
  return outcome;
}

/** Nothing is recorded for an input that does not fit. */
function refuseInput({ context, tell }: Parts, problem: string): RunOutcome<unknown> {
  tell(runStart(context));
  return refusedOutcome(context.runId, { code: 'INPUT_INVALID', message: problem });
}

async function drive(
  { workflow, options }: RunOrder,
  { journal, clock, replayCheck }: RunHost,
  { context, driver, tell, input }: Parts & { readonly input: Json },
): Promise<RunOutcome<unknown>> {
  const { runId, labels, totalMs, budget, startedMs } = context;
  const stopListening = cancelOn(options.signal, driver);
  try {
    const record = await driver.drive({
      event: { type: 'run-start', runId, input, labels, totalMs, capUsd: budget.money.capUsd },
      answered: () => tell(runStart(context)),
    });
    const ms = clock.nowMs() - startedMs;
    if (replayCheck) await checkReplay(workflow, journal, record);
    return outcomeOf(record, { ms, totalMs, steps: driver.reports });
  } finally {
    stopListening();
  }
}

function runStart({ info, labels, totalMs }: RunContext): Told {
  return { type: 'run-start', workflowId: info.id, labels, totalMs };
}

/** @returns what stops it from listening */
function cancelOn(signal: AbortSignal | undefined, driver: Driver): () => void {
  if (signal === undefined) return () => {};
  const cancel = () => driver.cancel(new AbortReason('user', messageOf(signal.reason)));
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
