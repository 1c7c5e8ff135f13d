import type { Json } from '@paceline/gateway';
import type { PendingStep, RunRecord } from '../../run/record.ts';
import type { PersistedSnapshot } from '../../xstate/step.ts';

/** What of a run's state a row leaves out where it follows from the rest. */
type Whole = Pick<RunRecord, 'snapshot' | 'pending'>;

/** What it follows from. */
type Known = Pick<RunRecord, 'runId' | 'visits'>;

export interface Lean {
  /** What is absent is as it mostly is: an active machine without history, whose children are the steps in flight. */
  readonly machine?: LeanSnapshot | undefined;
  /** In its place, if it is none that the engine has written. */
  readonly snapshot?: Json | undefined;
  /** By invoke id. */
  readonly pending: Readonly<Record<string, LeanStep>>;
}

type LeanSnapshot = Pick<PersistedSnapshot, 'value' | 'context' | 'output' | 'error'> & {
  readonly [Field in 'status' | 'children' | 'historyValue']?: PersistedSnapshot[Field] | undefined;
};

interface LeanStep extends Pick<PendingStep, 'step' | 'input'> {
  /** What its token says after the run's id. */
  readonly at?: string | undefined;
  /** In its place, if it is not the run's. */
  readonly token?: string | undefined;
  /** Absent: that under which it stands. */
  readonly invokeId?: string | undefined;
  /** Absent: as many as the run counts. */
  readonly visit?: number | undefined;
  /** Absent: none. */
  readonly progress?: PendingStep['progress'] | undefined;
  readonly wait?: PendingStep['wait'] | undefined;
  readonly items?: PendingStep['items'] | undefined;
  readonly workedMs?: number | undefined;
}

/**
 * Written with every transition, so half as much of it counts; and a step's input, which may be a long document, stands in it once, though
 * the machine knows it too.
 */
export function leanState({ runId, visits, snapshot, pending }: Known & Whole): Lean {
  const steps: Record<string, LeanStep> = {};
  for (const id in pending) steps[id] = leanStep(id, pending[id] as PendingStep, { runId, visits });
  return isOfMachine(snapshot)
    ? { machine: leanSnapshot(snapshot, pending), pending: steps }
    : { snapshot, pending: steps };
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

function leanStep(id: string, whole: PendingStep, { runId, visits }: Known): LeanStep {
  const { token, invokeId, step, visit, input, progress, wait, items, workedMs } = whole;
  const lean: Writable<LeanStep> = token.startsWith(runId)
    ? { at: token.slice(runId.length), step, input }
    : { token, step, input };
  if (invokeId !== id) lean.invokeId = invokeId;
  if (visit !== visits[id]) lean.visit = visit;
  if (progress.length > 0) lean.progress = progress;
  if (wait !== undefined) lean.wait = wait;
  if (items !== undefined) lean.items = items;
  if (workedMs !== undefined) lean.workedMs = workedMs;
  return lean;
}

/** The reverse. */
export function wholeState({ runId, visits }: Known, { machine, snapshot = null, pending }: Lean): Whole {
  const steps: Record<string, PendingStep> = {};
  for (const [id, lean] of Object.entries(pending)) {
    const {
      at,
      token = `${runId}${at}`,
      invokeId = id,
      step,
      visit = visits[id] ?? 1,
      input,
      ...rest
    } = lean;
    const { progress = [], ...more } = rest as Partial<PendingStep>;
    steps[id] = { token, invokeId, step, visit, input, progress, ...more };
  }
  return { snapshot: machine === undefined ? snapshot : wholeSnapshot(machine, steps), pending: steps };
}

function isOfMachine(snapshot: Json): snapshot is Json & PersistedSnapshot {
  return (
    typeof snapshot === 'object' && snapshot !== null && 'children' in snapshot && 'historyValue' in snapshot
  );
}

function leanSnapshot(whole: PersistedSnapshot, pending: RunRecord['pending']): LeanSnapshot {
  const { status, value, context, output, error, children, historyValue } = whole;
  const lean: Writable<LeanSnapshot> = { value, context };
  if (output !== undefined) lean.output = output;
  if (error !== undefined) lean.error = error;
  if (status !== 'active') lean.status = status;
  if (!isSaidBy(pending, children)) lean.children = children;
  if (!isEmpty(historyValue)) lean.historyValue = historyValue;
  return lean;
}

function wholeSnapshot(lean: LeanSnapshot, pending: RunRecord['pending']): Json {
  const {
    status = 'active',
    value,
    context,
    output,
    error,
    children = childrenOf(pending),
    historyValue = {},
  } = lean;
  const snapshot: PersistedSnapshot = {
    status,
    value,
    context,
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    children,
    historyValue,
  };
  return snapshot as unknown as Json;
}

function childrenOf(pending: RunRecord['pending']): PersistedSnapshot['children'] {
  const children = Object.entries(pending).map(([id, { step, input }]) => {
    return [id, { snapshot: { status: 'active', input }, src: step }] as const;
  });
  return Object.fromEntries(children);
}

/** Whether the machine's children are those that `childrenOf` makes, in the same order. */
function isSaidBy(pending: RunRecord['pending'], children: PersistedSnapshot['children']): boolean {
  const ids = Object.keys(pending);
  let at = 0;
  for (const id in children) {
    const child = children[id];
    const step = pending[id];
    if (step === undefined || child?.src !== step.step || ids[at++] !== id) return false;
    const { snapshot } = child;
    if (snapshot['status'] !== 'active' || snapshot['input'] !== step.input) return false;
    for (const key in snapshot) {
      if (key !== 'status' && key !== 'input' && snapshot[key] !== undefined) return false;
    }
  }
  return at === ids.length;
}

export function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}
