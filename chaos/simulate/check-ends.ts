import { isDeepStrictEqual } from 'node:util';
import { PATIENT_MS } from './patience.ts';
import { both } from './seen.ts';
import type { Failure, JournalEntry } from 'paceline';
import type { Plan, RunPlan } from './plan.ts';
import type { Finding, History, Seen } from './seen.ts';

/** I3: every run comes to an end, the right one, and who asked for it is told no other. */
export function ends(seen: Seen): Finding {
  return both(allEnded(seen), rightEnds(seen), toldTheTruth(seen), refusedWithReason(seen));
}

function allEnded({ world: { plan, ledger }, histories }: Seen): Finding {
  const known = new Set(histories.map(({ record }) => record.runId));
  return {
    looked: plan.runs.length,
    violations: [
      ...(ledger.stuck ? ['the runs did not come to an end'] : []),
      ...plan.runs.filter(({ runId }) => !known.has(runId)).map(({ runId }) => `${runId} is not there`),
      ...histories
        .filter(({ record }) => record.status === 'running')
        .map(({ record }) => `${record.runId} has not ended`),
    ],
  };
}

function rightEnds({ world: { plan, ledger }, flows, histories }: Seen): Finding {
  return {
    looked: histories.length,
    violations: histories.flatMap(({ record, entries }) => {
      const run = plan.runs.find(({ runId }) => runId === record.runId);
      if (run === undefined) return [`nobody asked for ${record.runId}`];
      const wrong = wrongEnd({ record, entries }, flows[run.flow]?.expected(run.n));
      const excuses = excusesOf(plan, run, ledger.crashes + ledger.refusals.length > 0);
      const causes = [...failuresIn(entries), ...(record.failure === undefined ? [] : [record.failure])];
      return [
        ...wrong,
        ...causes
          .filter((cause) => !excuses(cause))
          .map(({ code, message }) => `without cause: ${code}: ${message}`),
      ].map((how) => `${record.runId} ${how}`);
    }),
  };
}

function wrongEnd({ record, entries }: History, expected: unknown): readonly string[] {
  const { status, output, failure } = record;
  if (status === 'succeeded' && !isDeepStrictEqual(output, expected)) {
    return [`gave ${JSON.stringify(output)}, not ${JSON.stringify(expected)}`];
  }
  if (status === 'degraded' && failuresIn(entries).length === 0)
    return ['ended degraded, and no step failed'];
  if (status === 'failed' && failure?.code !== 'DEADLINE_EXCEEDED') return [`failed: ${failure?.code}`];
  return status === 'cancelled' ? ['was cancelled, and nobody wanted that'] : [];
}

const failuresIn = (entries: readonly JournalEntry[]): readonly Failure[] =>
  entries.flatMap(({ event }) => (event.type === 'step-failed' ? [event.failure] : []));

/** Which failures a run may meet: only those that its world gives it cause for. */
function excusesOf(
  plan: Plan,
  { flow, deadlineMs }: RunPlan,
  wasInterrupted: boolean,
): (failure: Failure) => boolean {
  const { id } = plan.flows[flow] ?? {};
  const isShort = deadlineMs < PATIENT_MS || plan.jumps.some(({ byMs }) => byMs > 0);
  const hasFaults = plan.faults.length > 0 && id !== 'calm';
  return ({ code, message }) => {
    if (code.startsWith('DEADLINE_')) return isShort;
    if (code === 'UNCERTAIN') return wasInterrupted || isShort;
    if (code === 'STEP_FAILED') return message.includes('as it is meant to');
    return hasFaults;
  };
}

/** An end is told only when it is durable, so there is one truth. */
function toldTheTruth({ world: { ledger }, histories }: Seen): Finding {
  return {
    looked: ledger.ends.length,
    violations: ledger.ends.flatMap(({ life, outcome }) => {
      const { record } = histories.find((each) => each.record.runId === outcome.runId) ?? {};
      const isTrue =
        record?.status === outcome.status &&
        (!outcome.ok || isDeepStrictEqual(record.output, outcome.output));
      return isTrue ? [] : [`life ${life} told that ${outcome.runId} ended ${outcome.status}`];
    }),
  };
}

/** What a caller may be told instead of an end: the journal cannot be written, or another process has the run. */
const REFUSALS: ReadonlySet<string> = new Set(['JOURNAL_FAILED', 'FENCED', 'RUN_EXISTS', 'RUN_OWNED']);

function refusedWithReason({ world: { ledger } }: Seen): Finding {
  return {
    looked: ledger.refusals.length,
    violations: ledger.refusals
      .filter(({ code }) => !REFUSALS.has(code))
      .map(({ life, runId, code }) => `life ${life} refused ${runId}: ${code}`),
  };
}
