import { isDeepStrictEqual } from 'node:util';
import { PATIENT_MS } from './patience.ts';
import { both, repeats } from './seen.ts';
import type { Failure, JournalEntry } from 'paceline';
import type { Plan, RunPlan } from './plan.ts';
import type { Finding, History, Seen } from './seen.ts';

/** I3: every run comes to an end, the right one, and who asked for it is told no other. */
export function ends(seen: Seen): Finding {
  return both(
    allEnded(seen),
    rightEnds(seen),
    undone(seen),
    heard(seen),
    toldTheTruth(seen),
    refusedWithReason(seen),
  );
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
  const wasInterrupted = ledger.crashes + ledger.refusals.length > 0;
  return {
    looked: histories.length,
    violations: histories.flatMap(({ record, entries }) => {
      const askedId = record.parent?.runId ?? record.runId;
      const run = plan.runs.find(({ runId }) => runId === askedId);
      if (run === undefined) return [`nobody asked for ${record.runId}`];
      const expected = flows[run.flow]?.expected(run.n) ?? null;
      const isChild = record.parent !== undefined;
      const excuses = excusesOf(plan, run, { wasInterrupted, fails: expected === null, isChild });
      const wrong = isChild ? [] : wrongEnd({ record, entries }, expected);
      const causes = [...failuresIn(entries), ...(record.failure === undefined ? [] : [record.failure])];
      const baseless = causes
        .filter((cause) => !excuses(cause))
        .map(({ code, message }) => `without cause: ${code}: ${message}`);
      return [...wrong, ...baseless].map((how) => `${record.runId} ${how}`);
    }),
  };
}

function wrongEnd({ record, entries }: History, expected: unknown): readonly string[] {
  const { status, output } = record;
  if (status === 'succeeded' && !isDeepStrictEqual(output, expected)) {
    return [`gave ${JSON.stringify(output)}, not ${JSON.stringify(expected)}`];
  }
  if (status === 'degraded' && failuresIn(entries).length === 0)
    return ['ended degraded, and no step failed'];
  return [];
}

/** What failed, and what a person said had failed. */
const failuresIn = (entries: readonly JournalEntry[]): readonly Failure[] =>
  entries.flatMap(({ event }) => {
    if (event.type === 'step-failed') return [event.failure];
    const isFailed = event.type === 'step-answer' && event.answer.type === 'failed';
    return isFailed ? [{ code: 'UNCERTAIN', message: 'A person said that it was not done.' }] : [];
  });

interface Circumstances {
  readonly wasInterrupted: boolean;
  /** The run is not to reach its goal. */
  readonly fails: boolean;
  /** Whoever waits for it may not do so any more. */
  readonly isChild: boolean;
}

/** Which failures a run may meet: only those that its world gives it cause for. */
function excusesOf(
  plan: Plan,
  { flow, deadlineMs, cancelAtMs }: RunPlan,
  { wasInterrupted, fails, isChild }: Circumstances,
): (failure: Failure) => boolean {
  const { id } = plan.flows[flow] ?? {};
  const isShort = deadlineMs < PATIENT_MS || plan.jumps.some(({ byMs }) => byMs > 0);
  const hasFaults = plan.faults.length > 0 && id !== 'calm';
  return ({ code, message }) => {
    if (code.startsWith('DEADLINE_')) return isShort;
    if (code === 'UNCERTAIN') return wasInterrupted || isShort;
    if (code === 'STEP_FAILED') return message.includes('as it is meant to');
    if (code === 'CANCELLED') return cancelAtMs !== null || isChild;
    if (code === 'RUN_FAILED') return fails;
    return hasFaults || isShort;
  };
}

/**
 * What did not reach its goal is undone, each visit under a key of its own; what did is left as it is. A visit whose end nobody knows is undone
 * too, though it may have come to nothing.
 */
function undone({ world: { plan, ledger }, flows, histories }: Seen): Finding {
  const keysOf = (runId: string, step: string): number =>
    new Set(ledger.deeds.filter((deed) => deed.runId === runId && deed.step === step).map(({ key }) => key))
      .size;
  const all = histories.flatMap(({ record: { runId, status }, entries }) => {
    const run = plan.runs.find((each) => each.runId === runId);
    const steps = run === undefined ? [] : (flows[run.flow]?.undone ?? []);
    return steps.map((step) => {
      const wanted = status === 'failed' || status === 'cancelled' ? keysOf(runId, step) : 0;
      const most = wanted + doubtful(entries, step);
      return { runId, status, step, wanted, most, done: keysOf(runId, `${step} undone`) };
    });
  });
  return {
    looked: all.filter(({ wanted }) => wanted > 0).length,
    violations: all
      .filter(({ wanted, most, done }) => done < wanted || done > most)
      .map(
        (each) =>
          `${each.runId} ${each.status}: ${each.step} was undone ${each.done} of ${each.wanted} times`,
      ),
  };
}

/** Visits of a step that were undone and of whose end the journal knows nothing. */
function doubtful(entries: readonly JournalEntry[], step: string): number {
  const tokens = (...types: readonly string[]): readonly string[] =>
    entries.flatMap(({ event }) => ('token' in event && types.includes(event.type) ? [event.token] : []));
  const ended = new Set(tokens('step-done', 'step-failed'));
  return tokens('compensation-end').filter((token) => !ended.has(token) && token.includes(`/${step}/`))
    .length;
}

/** Of what people were told was heard, each message is recorded at most once, and a cancel that was taken is the run's end. */
function heard({ world: { ledger }, histories }: Seen): Finding {
  const ids = histories.flatMap(({ entries }) =>
    entries.flatMap(({ event }) =>
      event.type === 'signal' || event.type === 'step-answer' ? [event.id] : [],
    ),
  );
  const taken = [...ledger.heard].filter(([, delivery]) => delivery === 'taken');
  const cancelled = taken.flatMap(([id]) => (id.endsWith(' cancel') ? [id.slice(0, -' cancel'.length)] : []));
  return {
    looked: ledger.heard.size,
    violations: [
      ...repeats(ids).map((id) => `${id} was taken twice`),
      ...histories
        .filter(({ record: { runId, status } }) => cancelled.includes(runId) && status !== 'cancelled')
        .map(({ record: { runId, status } }) => `${runId} took its cancel and ended ${status}`),
    ],
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

function refusedWithReason({ world: { plan, ledger } }: Seen): Finding {
  // One that was taken for dead is closed in the end, whatever it still holds to be its own.
  const isClosed = (life: number, code: string): boolean =>
    code === 'ENGINE_CLOSED' && plan.lives[life]?.end.how === 'zombie';
  return {
    looked: ledger.refusals.length,
    violations: ledger.refusals
      .filter(({ life, code }) => !REFUSALS.has(code) && !isClosed(life, code))
      .map(({ life, runId, code }) => `life ${life} refused ${runId}: ${code}`),
  };
}
