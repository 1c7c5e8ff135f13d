import { workflowInfo } from '../define/workflow.ts';
import { restoreSnapshot } from '../xstate/step.ts';
import { handlesAny } from '../xstate/takes.ts';
import type { RunMachine } from './macrostep.ts';
import type { RunRecord } from './record.ts';

/** Whether the run waits for people and its deadline stands still. */
export function standsStill({ waiting }: RunRecord): boolean {
  return waiting?.sinceEpochMs !== undefined;
}

/** Something happens to the run: the time it has waited until now is given back to it. */
export function withWaitOver(record: RunRecord, nowEpochMs: number): RunRecord {
  const { waiting, expiresEpochMs } = record;
  if (waiting?.sinceEpochMs === undefined) return record;
  const ms = Math.max(0, nowEpochMs - waiting.sinceEpochMs);
  return { ...record, expiresEpochMs: expiresEpochMs + ms, waiting: { waitedMs: waiting.waitedMs + ms } };
}

/** From now on the deadline stands still, if that is declared and only people can bring the run on. */
export function withWaitBegun(machine: RunMachine, record: RunRecord): RunRecord {
  if (record.waiting === undefined || !waitsForPeople(machine, record)) return record;
  return { ...record, waiting: { ...record.waiting, sinceEpochMs: machine.nowEpochMs } };
}

function waitsForPeople({ workflow, memo }: RunMachine, record: RunRecord): boolean {
  const { status, ending, pending, snapshot } = record;
  if (status !== 'running' || ending !== undefined) return false;
  const steps = Object.values(pending);
  if (steps.some(({ wait }) => wait === undefined)) return false;
  const signals = Object.keys(workflowInfo(workflow).signals);
  return steps.length > 0 || handlesAny(restoreSnapshot(workflow, snapshot, memo), signals);
}
