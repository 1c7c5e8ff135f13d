import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { EngineError } from '../errors.ts';
import type { JournalStore } from '../journal/store.ts';
import { advance } from './advance.ts';
import { probed } from './purity.ts';
import type { JournalEntry, RunRecord } from './record.ts';

/**
 * Folds a run's journal: what `advance` makes of it today. It begins at the newest entry that says all there is to know about the
 * run, because the entries before it are another run's or another definition's.
 * @throws EngineError `WORKFLOW_INVALID` if an entry is refused
 */
export function replay(workflow: Workflow, entries: readonly JournalEntry[]): RunRecord | null {
  const memo = {};
  const from = entries.findLastIndex(({ event }) => event.type === 'run-adopt');
  return entries
    .slice(Math.max(0, from))
    .reduce<RunRecord | null>((record, { event, atEpochMs, runId, seq }) => {
      const advanced = advance({ workflow, record, event, nowEpochMs: atEpochMs, memo });
      if (advanced !== null) return advanced.batch.record;
      throw new EngineError(
        'WORKFLOW_INVALID',
        `Entry ${seq} (${event.type}) of run ${runId} is refused on replay.`,
      );
    }, null);
}

/**
 * Proves that a run can be replayed: its journal, sent through JSON as a file would, gives the record it has, and no function of
 * its machine does something else when it is called again.
 * @throws EngineError `WORKFLOW_INVALID` naming the functions that are not pure, or else the first difference
 */
export async function checkReplay(
  workflow: Workflow,
  journal: JournalStore,
  record: RunRecord,
): Promise<void> {
  // It ended before it went over to this definition, which says nothing about the one before.
  if (record.workflowHash !== workflowInfo(workflow).hash) return;
  const entries: JournalEntry[] = [];
  for await (const entry of journal.entries(record.runId)) entries.push(throughJson(entry));
  assertPure(workflow, entries, record.runId);
  const place = firstDifference(record, throughJson(replay(workflow, entries)), '');
  if (place === undefined) return;
  throw new EngineError(
    'WORKFLOW_INVALID',
    `Replaying run ${record.runId} gives another \`${place}\`. A guard, assign or mapper depends on time, chance or something outside its arguments, changes them in place, or makes a value that JSON cannot hold.`,
  );
}

/** @throws EngineError `WORKFLOW_INVALID` */
function assertPure(workflow: Workflow, entries: readonly JournalEntry[], runId: string): void {
  const impure = new Set<string>();
  try {
    replay(
      probed(workflow, (place, what) => impure.add(`the ${place} ${what}`)),
      entries,
    );
  } catch (error) {
    // Where a function is to blame that an entry does not fit, it is named instead.
    if (impure.size === 0) throw error;
  }
  if (impure.size === 0) return;
  throw new EngineError(
    'WORKFLOW_INVALID',
    `Run ${runId} cannot be replayed, because functions of its machine are not pure: ${[...impure].join('; ')}.`,
  );
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Path of the first value in which two trees differ. An undefined property is an absent one. */
function firstDifference(left: unknown, right: unknown, place: string): string | undefined {
  if (Object.is(left, right)) return undefined;
  if (!isPlain(left) || !isPlain(right)) return place;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const inner = place === '' ? key : `${place}.${key}`;
    const found = firstDifference(left[key], right[key], inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
