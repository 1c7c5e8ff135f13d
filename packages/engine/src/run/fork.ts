import type { Json } from '@paceline/gateway';
import { check } from '../define/schema.ts';
import { FIRST_VERSION, workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { shapeDifference } from '../define/shape-changes.ts';
import { EngineError } from '../errors.ts';
import type { JournalStore } from '../journal/store.ts';
import { placeOf } from '../xstate/place.ts';
import { messageOf } from './failure.ts';
import { toJson } from './json.ts';
import type { Caller, JournalEntry, PendingStep, RunRecord } from './record.ts';
import { replay } from './replay.ts';
import { changedContext, invalid } from './set-context.ts';
import { NO_SPEND } from './spend.ts';
import { stepToken, timerToken } from './token.ts';
import type { RecordedSnapshot } from './transplant.ts';
import { withBegun } from './undo.ts';

/** A run as it was after one of its entries. */
export interface ForkPoint {
  readonly record: RunRecord;
  readonly atEpochMs: number;
}

export interface PointArgs {
  readonly workflow: Workflow;
  readonly runId: string;
  /** 1 is the entry that began the run. */
  readonly atSeq: number;
}

/**
 * Folds a run's journal up to one of its entries. The run itself is only read; it may be at work meanwhile.
 * @throws EngineError `RUN_UNKNOWN`, `FORK_INVALID`, `WORKFLOW_CHANGED`, `JOURNAL_DAMAGED`
 */
export async function forkPoint(
  journal: JournalStore,
  { workflow, runId, atSeq }: PointArgs,
): Promise<ForkPoint> {
  const source = await journal.load(runId);
  if (source === undefined) throw new EngineError('RUN_UNKNOWN', `There is no run ${runId}.`);
  if (!Number.isInteger(atSeq) || atSeq < 1 || atSeq > source.seq) {
    throw invalid(`run ${runId} has entries 1 to ${source.seq}, not ${atSeq}`);
  }
  const entries: JournalEntry[] = [];
  for await (const entry of journal.entries(runId)) entries.push(entry);

  const hash = hashAt(entries, atSeq) ?? source.workflowHash;
  const { id, hash: wanted, shape } = workflowInfo(workflow);
  if (source.workflowId !== id)
    throw invalid(`run ${runId} is one of \`${source.workflowId}\`, not of \`${id}\``);
  if (hash !== wanted) {
    const old = await journal.shapes.read(hash);
    const difference = old === undefined ? '' : ` (${shapeDifference(old, shape)})`;
    throw new EngineError(
      'WORKFLOW_CHANGED',
      `Workflow \`${id}\` is another one than run ${runId} had at entry ${atSeq}${difference}. Fork it with the code it had then.`,
    );
  }
  const record = replay(workflow, entries.slice(0, atSeq));
  if (record === null || record.status !== 'running' || record.ending !== undefined) {
    throw invalid(`run ${runId} had ended by entry ${atSeq}; choose one before`);
  }
  return { record, atEpochMs: entries[atSeq - 1]?.atEpochMs ?? record.startedEpochMs };
}

/** The definition an entry belongs to, where another one follows or it is told. */
function hashAt(entries: readonly JournalEntry[], atSeq: number): string | undefined {
  const before = entries.findLast(({ event, seq }) => event.type === 'run-adopt' && seq <= atSeq)?.event;
  if (before?.type === 'run-adopt') return before.record.workflowHash;
  for (const { event } of entries.slice(atSeq)) {
    if (event.type === 'run-adopt' && event.cause.type === 'migrate') return event.cause.hash;
  }
  return undefined;
}

/** What is the fork's own. */
export interface ForkArgs {
  readonly workflow: Workflow;
  readonly runId: string;
  /** By path, e.g. `context.plan.item`. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly labels: RunRecord['labels'];
  readonly caller: Caller;
  readonly startedEpochMs: number;
  readonly totalMs: number;
  readonly capUsd: number | null;
}

/**
 * The first record of a run that begins where another one was. It has that one's state, outputs and visits, and a whole budget of its own;
 * what is in flight there begins here anew, and timers have as long to run as they had there. What the source did is not the
 * fork's to undo.
 * @throws EngineError `FORK_INVALID` naming the path
 */
export function forked({ record: source, atEpochMs }: ForkPoint, args: ForkArgs): RunRecord {
  const { workflow, runId, set, labels, caller, startedEpochMs, totalMs, capUsd } = args;
  const info = workflowInfo(workflow);
  const { value, context, ...snapshot } = source.snapshot as unknown as RecordedSnapshot;
  const changed = changedContext(context, set, info.context);
  const again = (pending: PendingStep) =>
    anew(
      Object.keys(set).length === 0 ? pending : withInput(pending, { workflow, value, context: changed }),
      runId,
    );
  const pending = mapValues(source.pending, again);
  const begun = Object.values(pending).map((each) => ({ type: 'step-start' as const, pending: each }));
  const record: RunRecord = {
    runId,
    workflowId: info.id,
    workflowHash: info.hash,
    ...(info.version !== FIRST_VERSION && { workflowVersion: info.version }),
    forkedFrom: { runId: source.runId, seq: source.seq },
    status: 'running',
    seq: 1,
    input: source.input,
    labels,
    ...(Object.keys(caller).length > 0 && { caller }),
    snapshot: { ...snapshot, value, context: changed } as unknown as Json,
    pending,
    timers: mapValues(source.timers, (timer, key) => ({
      ...timer,
      token: timerToken({ runId, seq: 1 }, key),
      dueEpochMs: timer.dueEpochMs + startedEpochMs - atEpochMs,
    })),
    visits: source.visits,
    startedEpochMs,
    expiresEpochMs: startedEpochMs + totalMs,
    ...(info.budget.waiting === 'free' && { waiting: { waitedMs: 0 } }),
    capUsd,
    spend: NO_SPEND,
    outputs: source.outputs,
    ...(source.mailbox !== undefined && { mailbox: source.mailbox }),
  };
  return withBegun(record, begun, info);
}

/** A step that rests goes on resting; any other has done nothing yet, and no item of a `map` has: they stand in the source's journal. */
function anew({ invokeId, step, visit, input, ...source }: PendingStep, runId: string): PendingStep {
  const token = stepToken({ runId, seq: 1 }, invokeId, visit);
  const rests = source.wait !== undefined && source.items === undefined;
  const kept = rests ? source : { progress: [] };
  return { ...kept, token, invokeId, step, visit, input };
}

interface Changed {
  readonly workflow: Workflow;
  readonly value: RecordedSnapshot['value'];
  readonly context: Json;
}

/** What mappers see in place of the event that once led to the step. */
const FORKED = { type: 'paceline.fork' };

/** A step that begins anew is given what its mapper makes of the changed context. */
function withInput(pending: PendingStep, { workflow, value, context }: Changed): PendingStep {
  const { invokeId, step, wait } = pending;
  const invokes = placeOf(workflow, value).states.flatMap((state) => state.invokes);
  const invoke = invokes.find((each) => each.invokeId === invokeId);
  const schema = workflowInfo(workflow).steps[step]?.input;
  if (wait !== undefined || invoke === undefined || schema === undefined) return pending;
  try {
    const input = toJson(invoke.inputOf(context, FORKED));
    const checked = check(schema, input);
    if (!checked.ok) throw new Error(checked.problem);
    return { ...pending, input };
  } catch (error) {
    throw invalid(
      `step \`${step}\` is in flight, and its input cannot be made of the changed context alone: ${messageOf(error)}; fork at an entry before it begins`,
    );
  }
}

function mapValues<T>(
  all: Readonly<Record<string, T>>,
  change: (value: T, key: string) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, change(value, key)]));
}
