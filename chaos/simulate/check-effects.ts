import { countedOnce } from './check-spend.ts';
import { both, repeats } from './seen.ts';
import type { Finding, History, Seen } from './seen.ts';

/** I2: nothing is recorded, done, asked or paid for twice. */
export function effects(seen: Seen): Finding {
  return both(recordedOnce(seen), doneOnce(seen), askedOnce(seen), notStale(seen), countedOnce(seen));
}

function recordedOnce({ histories }: Seen): Finding {
  return {
    looked: histories.reduce((sum, { entries }) => sum + entries.length, 0),
    violations: histories.flatMap((history) => [
      ...gaps(history),
      ...repeats(results(history)).map((what) => `${history.record.runId} has two results of ${what}`),
    ]),
  };
}

function gaps({ record: { runId, seq }, entries }: History): readonly string[] {
  const isWhole = entries.length === seq && entries.every((entry, at) => entry.seq === at + 1);
  return isWhole ? [] : [`${runId} has ${entries.length} entries, its last is ${seq}`];
}

function results({ entries }: History): readonly string[] {
  return entries.flatMap(({ event }) => {
    if (event.type === 'step-done' || event.type === 'step-failed') return [event.token];
    if (event.type !== 'step-progress' || event.progress.type !== 'tool-end') return [];
    return [`${event.token} ${event.progress.toolCallId}`];
  });
}

function doneOnce({ world: { ledger, plan }, flows, histories }: Seen): Finding {
  const once = ledger.deeds.filter(({ effect }) => effect === 'once');
  const again = ledger.deeds.filter(
    ({ wasDone, life, effect }) => wasDone && (effect === 'once' || !isZombie(plan.lives[life])),
  );
  return {
    looked: ledger.deeds.length,
    violations: [
      ...repeats(once.map(({ runId, step, key }) => `${runId} ${step} ${key}`)).map(
        (what) => `what takes effect once was done twice: ${what}`,
      ),
      ...again.map(({ runId, step, life }) => `life ${life} did ${runId} ${step} after its end was recorded`),
      ...histories.flatMap((history) => keysChanged(history, { ledger, plan, flows })),
    ],
  };
}

/** A process that is taken for dead may hear late that it is to begin a step, which another one has ended meanwhile. */
const isZombie = (life: Seen['world']['plan']['lives'][number] | undefined): boolean =>
  life?.end.how === 'zombie';

/** A key that changes over a restart would make a system that deduplicates do it twice. */
function keysChanged(
  { record: { runId, status } }: History,
  { ledger, plan, flows }: Pick<Seen['world'], 'ledger' | 'plan'> & Pick<Seen, 'flows'>,
): readonly string[] {
  const run = plan.runs.find((each) => each.runId === runId);
  if (run === undefined || status !== 'succeeded') return [];
  const expected = flows[run.flow]?.expected(run.n) ?? {};
  return Object.entries(expected).flatMap(([step, visits]) => {
    const keys = new Set(
      ledger.deeds.filter((deed) => deed.runId === runId && deed.step === step).map(({ key }) => key),
    );
    return keys.size > visits ? [`${runId} ${step} had ${keys.size} keys in ${visits} visits`] : [];
  });
}

/** A model is asked again only if its answer was lost with the process, or with the journal. */
function askedOnce({ world: { ledger, plan } }: Seen): Finding {
  const resumes = (life: number, what: string): number =>
    ledger.told.filter(
      ({ life: of, event }) =>
        of === life && event.type === 'run-resume' && what.startsWith(`${event.runId}/`),
    ).length;
  const again = ledger.asks.filter(({ wasAnswered, life }) => wasAnswered && !isZombie(plan.lives[life]));
  const byLife = Map.groupBy(ledger.asks, ({ life, what }) => JSON.stringify([life, what]));
  return {
    looked: ledger.asks.length,
    violations: [
      ...again.map(({ life, what }) => `life ${life} asked ${what} again, whose answer was recorded`),
      ...[...byLife.values()].flatMap((asks) => {
        const [{ life, what } = { life: -1, what: '' }] = asks;
        const most = 1 + resumes(life, what);
        return asks.length > most ? [`life ${life} asked ${what} ${asks.length} times, at most ${most}`] : [];
      }),
    ],
  };
}

function notStale({ world: { ledger } }: Seen): Finding {
  return {
    looked: 0,
    violations: ledger.staleWrites.map(
      ({ life, runId, seq }) => `life ${life} wrote entry ${seq} of ${runId}, which another one owned`,
    ),
  };
}
