import { startedBy } from '../define/child.ts';
import { shapeDifference } from '../define/shape-changes.ts';
import { FIRST_VERSION, workflowInfo } from '../define/workflow.ts';
import type { MachinePlace, Migration, Workflow } from '../define/workflow.ts';
import { check } from '../define/schema.ts';
import { EngineError } from '../errors.ts';
import { placeOf } from '../xstate/place.ts';
import type { Place } from '../xstate/place.ts';
import { messageOf } from './failure.ts';
import { toJson } from './json.ts';
import type { RunEvent, RunRecord } from './record.ts';
import { transplanted } from './transplant.ts';
import type { RecordedSnapshot } from './transplant.ts';
import { mayBeUndone, stepOf } from './undo.ts';
import { withWaitOver } from './waiting.ts';

export type RunAdopt = Extract<RunEvent, { readonly type: 'run-adopt' }>;

/** What the workflow looked like under which a run was recorded. */
export interface OldShape {
  /** `undefined` if the journal does not know. */
  readonly shape: string | undefined;
}

export interface MigrationArgs {
  readonly workflow: Workflow;
  readonly record: RunRecord;
  readonly oldShape: OldShape;
  readonly nowEpochMs: number;
}

/**
 * The event that brings an unfinished run over to a definition that declares how. Pure, like the author's own migration.
 * @throws EngineError `WORKFLOW_CHANGED` naming the difference, and what to declare or why it does not fit
 */
export function migration(args: MigrationArgs): RunAdopt {
  const { workflow, record } = args;
  const { hash, version, migrate = {} } = workflowInfo(workflow);
  const from = { version: record.workflowVersion ?? FIRST_VERSION, hash: record.workflowHash };
  const declared = migrate[from.hash] ?? migrate[from.version];
  if (declared === undefined) throw undeclared(args, from.version);

  const seq = record.seq + 1;
  const { workflowVersion: _, ...rest } = withWaitOver({ ...record, seq }, args.nowEpochMs);
  const renamed: RunRecord = {
    ...rest,
    workflowHash: hash,
    ...(version !== FIRST_VERSION && { workflowVersion: version }),
    migratedFrom: { ...from, seq },
  };
  try {
    return { type: 'run-adopt', record: moved(renamed, declared, args), cause: { type: 'migrate', ...from } };
  } catch (error) {
    throw refused(args, `it cannot go over from version ${from.version}: ${messageOf(error)}`, error);
  }
}

/** @throws Error saying what does not fit */
function moved(record: RunRecord, declared: Migration, { workflow, oldShape, nowEpochMs }: MigrationArgs) {
  const { steps, context: schema } = workflowInfo(workflow);
  const lost = record.undo?.find((undo) => !mayBeUndone(stepOf({ steps }, undo)));
  if (lost !== undefined) throw new Error(`nothing undoes step \`${lost.step}\`, which the run may have to`);
  const left = record.stopping?.find(({ step }) => startedBy(steps[step]).length === 0);
  if (left !== undefined)
    throw new Error(`step \`${left.step}\` starts no run, and has left one to be stopped`);
  // Its machine is at rest; all that is left to do is to undo.
  if (record.ending !== undefined) return record;
  if (oldShape.shape === undefined) throw new Error('the journal does not know what its machine looked like');

  const to = destination(declared, record.snapshot as unknown as RecordedSnapshot);
  const place = placeOf(workflow, to.state);
  assertHabitable(place, record);
  const context = toJson(to.context);
  const checked = check(schema, context);
  if (!checked.ok) throw new Error(`its context does not fit: ${checked.problem}`);
  return transplanted(record, { workflow, place, context, oldShape: oldShape.shape, nowEpochMs });
}

function destination(declared: Migration, { value: state, context }: RecordedSnapshot): MachinePlace {
  // A copy, so that a function which changes what it is given does not change the journal's own record.
  return declared === 'compatible'
    ? { state, context }
    : declared({ state, context: structuredClone(context) });
}

/** A run does not begin in a state that it would not stay in: only entering one sets off what follows. */
function assertHabitable({ value, isFinal, states }: Place, { snapshot }: RunRecord): void {
  const state = JSON.stringify(value);
  if (isFinal) throw new Error(`${state} is final; name the state before it`);
  const stayed = (snapshot as unknown as RecordedSnapshot).value;
  if (JSON.stringify(stayed) !== state && states.some(({ isTransient }) => isTransient)) {
    throw new Error(`${state} may be left at once (\`always\`); name the state it leads to`);
  }
}

function undeclared(args: MigrationArgs, from: string): EngineError {
  const { version } = workflowInfo(args.workflow);
  const raise = version === from ? 'raise its `version` and ' : '';
  return refused(
    args,
    `recover it with the code it began with, or ${raise}declare how it goes over: \`migrate: { '${from}': 'compatible' }\`, or a function of its state and context`,
  );
}

function refused({ workflow, record, oldShape }: MigrationArgs, what: string, cause?: unknown): EngineError {
  const { id, shape } = workflowInfo(workflow);
  const difference = oldShape.shape === undefined ? '' : ` (${shapeDifference(oldShape.shape, shape)})`;
  return new EngineError(
    'WORKFLOW_CHANGED',
    `Workflow \`${id}\` is another one than run ${record.runId} began with${difference}: ${what}.`,
    cause,
  );
}
