import { freeWaits } from './check-waiting.ts';
import { both } from './seen.ts';
import type { LifePlan } from './plan.ts';
import type { Finding, Seen } from './seen.ts';

const MOST_OVERSHOOT_MS = 100;
const WINDOW_MS = 60_000;
const MOST_PER_CALL = 1.1;
const SPARE_CALLS = 10;
/** Times are fractions of a millisecond, added up in another order. */
const ROUNDING_MS = 0.001;
const MOST_RECOVERY_MS = 30_000;

/** I4: nothing is begun for a run whose time is over, its end comes in time, and a restart gives it no time. */
export function deadlines(seen: Seen): Finding {
  return both(fixedDeadlines(seen), freeWaits(seen));
}

function fixedDeadlines({ world: { ledger, plan }, histories }: Seen): Finding {
  const isFree = (runId: string): boolean =>
    histories.find(({ record }) => record.runId === runId)?.record.waiting !== undefined;
  const dueMs = new Map<string, number>();
  const of = (life: number, runId: string): number =>
    dueMs.get(`${life} ${runId}`) ?? Number.POSITIVE_INFINITY;
  const violations: string[] = [];
  for (const { life, atMs, event } of ledger.told) {
    const { runId } = event;
    if (event.type === 'run-start' && !isFree(runId))
      dueMs.set(`${life} ${runId}`, atMs - event.afterMs + event.totalMs);
    if (event.type === 'run-resume') {
      if (!isFree(runId)) dueMs.set(`${life} ${runId}`, atMs + event.leftMs);
      violations.push(...timeGained({ runId, seq: event.seq, leftMs: event.leftMs }, histories));
    }
    const lateMs = atMs - of(life, runId);
    if (event.type === 'run-end' && lateMs > MOST_OVERSHOOT_MS && isPrompt(plan.lives[life])) {
      violations.push(`life ${life} ended ${runId} ${lateMs} ms late`);
    }
  }
  // What is undone has a time of its own.
  const late = ledger.deeds.filter(
    ({ life, runId, step, atMs }) => atMs > of(life, runId) + ROUNDING_MS && !step.endsWith(' undone'),
  );
  return {
    looked: ledger.told.length + ledger.deeds.length,
    violations: [
      ...violations,
      ...late.map(
        ({ life, runId, step, atMs }) =>
          `life ${life} began ${runId} ${step} ${atMs - of(life, runId)} ms late`,
      ),
    ],
  };
}

function timeGained(
  { runId, seq, leftMs }: { readonly runId: string; readonly seq: number; readonly leftMs: number },
  histories: Seen['histories'],
): readonly string[] {
  const { record, entries } = histories.find((each) => each.record.runId === runId) ?? {};
  const last = entries?.[seq - 1];
  if (record === undefined || last === undefined) return [];
  const hadMs = Math.max(0, record.expiresEpochMs - last.atEpochMs);
  return leftMs > hadMs + ROUNDING_MS ? [`${runId} had ${hadMs} ms left and was resumed with ${leftMs}`] : [];
}

/** Where the journal itself takes its time, an end that has to be durable comes when it is. */
const isPrompt = (life: LifePlan | undefined): boolean =>
  life === undefined || (life.trouble === null && life.slowShare === 0);

/** I5, over any minute. */
export function amplification({ world: { ledger, simulator } }: Seen): Finding {
  const byProvider = Map.groupBy(simulator.calls, ({ provider }) => provider);
  return {
    looked: simulator.calls.length,
    violations: [...byProvider].flatMap(([provider, calls]) =>
      calls.flatMap(({ startedMs: fromMs }) => {
        const made = calls.filter(({ startedMs }) => startedMs >= fromMs && startedMs < fromMs + WINDOW_MS);
        // A call may have been asked for a while before its request is made.
        const asked = ledger.asks.filter(
          ({ atMs }) => atMs >= fromMs - WINDOW_MS && atMs < fromMs + WINDOW_MS,
        );
        const most = MOST_PER_CALL * asked.length + SPARE_CALLS;
        return made.length > most ? [`${made.length} requests to ${provider} for ${asked.length} calls`] : [];
      }),
    ),
  };
}

/** I6: it ends well and takes as long as its own provider does, whatever the others meet. */
export function bystander({ world: { plan, ledger, simulator }, histories }: Seen): Finding {
  const { record } = histories.find((each) => each.record.runId === 'bystander') ?? {};
  const isUntouched = plan.jumps.length === 0;
  if (record?.status !== 'succeeded') {
    return { looked: 1, violations: isUntouched ? [`the bystander ended ${record?.status}`] : [] };
  }
  const end = ledger.told.find(({ event }) => event.type === 'run-end' && event.runId === 'bystander');
  const providerMs = simulator.calls
    .filter(({ provider }) => provider === 'calm')
    .reduce((sum, { startedMs, endedMs }) => sum + (endedMs ?? startedMs) - startedMs, 0);
  const mostMs = 1.1 * providerMs;
  const tookMs = end?.event.afterMs ?? 0;
  const isSlow = plan.lives.length === 0 && tookMs > mostMs;
  return {
    looked: 1,
    violations: isSlow ? [`the bystander took ${tookMs} ms, its provider ${providerMs}`] : [],
  };
}

/** I7, where the journal can be read. */
export function recoveries({ world: { plan, ledger } }: Seen): Finding {
  const measured = ledger.recoveries.filter(
    ({ life }) => life > 0 && (plan.lives[life]?.trouble ?? null) === null && plan.jumps.length === 0,
  );
  return {
    looked: measured.length,
    violations: measured
      .filter(({ ms }) => ms > MOST_RECOVERY_MS)
      .map(({ life, ms }) => `life ${life} took ${ms} ms to have all runs at work`),
  };
}

/** I8: nothing is left where all have gone. */
export function nothingLeft(seen: Seen): Finding {
  const { timersLeft, callsLeft, listenersLeft, unhandled } = seen;
  const left = { timers: timersLeft, 'upstream calls': callsLeft, listeners: listenersLeft };
  return both(
    {
      looked: 1,
      violations: Object.entries(left)
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${count} ${what} are left`),
    },
    { looked: 0, violations: unhandled.map((reason) => `nobody handled: ${reason}`) },
  );
}
