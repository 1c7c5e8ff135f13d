import { dateAt, isAbortReason } from '@paceline/resilience';
import { rounds } from './call.ts';
import { GatewayError } from './errors.ts';
import { whatIsMissing } from './providers/missing.ts';
import type { Call, Journey, Refusal } from './call.ts';
import type { GatewayErrorDetails } from './errors.ts';
import type { Parked } from './parking.ts';

type BrokenOff = 'DEADLINE_EXCEEDED' | 'RETRY_BUDGET_SPENT';

const WHY: Readonly<Record<BrokenOff, string>> = {
  DEADLINE_EXCEEDED: 'The deadline has passed',
  RETRY_BUDGET_SPENT: 'No further attempt is allowed: a retry budget is spent',
};

/** A budget of the call ends it although targets are left. */
export function brokenOff(code: BrokenOff, { attempts }: Journey, { route }: Call): GatewayError {
  return new GatewayError(code, `${WHY[code]} (route ${route.name}, after ${made(attempts.length)}).`, {
    attempts,
  });
}

/** The caller's signal ended it, while it waited for its turn. */
export function cutOff(reason: unknown, journey: Journey, call: Call): GatewayError {
  if (isAbortReason(reason) && reason.abortCause === 'deadline') {
    return brokenOff('DEADLINE_EXCEEDED', journey, call);
  }
  const { attempts } = journey;
  return new GatewayError('CANCELLED', `Cancelled after ${made(attempts.length)}.`, { attempts });
}

/** Nothing is left to try. The code is the last failure's, unless several targets failed each in its own way. */
export function outOfTargets(journey: Journey, call: Call): GatewayError {
  const { attempts, refusals, last } = journey;
  const { route } = call;
  const broke = refusals.find(({ code }) => code === 'SPEND_LIMIT_REACHED');
  if (broke !== undefined && rounds(journey) < route.attempts) return spendLimit(broke, journey, call);
  // One that was given up for a quicker one has not failed.
  const failed = attempts.filter(({ outcome }) => outcome === 'error');
  const final = failed.at(-1);
  if (last === null || final === undefined) return neverStarted(journey, call);
  if (refusals.some(({ code }) => code === 'RETRY_BUDGET_SPENT'))
    return brokenOff('RETRY_BUDGET_SPENT', journey, call);
  const { verdict } = last;
  const details: GatewayErrorDetails = {
    attempts,
    ...(final.status !== undefined && { status: final.status }),
    ...(verdict.hintMs !== null && { retryInMs: verdict.hintMs }),
  };
  const several = new Set(failed.map(({ target }) => target)).size > 1;
  const soonest = soonestBack(journey, call);
  const back = soonest === null ? {} : { retryInMs: soonest.forMs };
  if (!several || !verdict.otherTarget) {
    return new GatewayError(verdict.code, `${final.target}: ${final.message ?? verdict.code}`, {
      ...details,
      ...back,
    });
  }
  const each = failed.map(({ target, code }) => `${target} (${code})`).join(', ');
  if (soonest !== null) {
    const message = `No credential of route ${route.name} is of use now: ${each}.`;
    return new GatewayError(soonest.code, message, { ...details, ...back });
  }
  return new GatewayError('NO_TARGET_LEFT', `No target of route ${route.name} answered: ${each}.`, details);
}

/** Which of the targets that the call came to is back first, if all of them are parked; `null` if one is not, or has not been asked. */
function soonestBack({ attempts, refusals, lineup }: Journey, { route }: Call): Parked | null {
  if (lineup.some(({ tries }) => tries === 0)) return null;
  const names = new Set([...attempts, ...refusals].map(({ target }) => target));
  const met = route.targets.filter(({ name }) => names.has(name)).map(({ parking }) => parking.now);
  const parked = met.filter((each) => each !== null).toSorted((a, b) => a.forMs - b.forMs);
  return parked.length === met.length ? (parked[0] ?? null) : null;
}

const waitOf = ({ retryInMs }: Refusal): number => retryInMs ?? Number.POSITIVE_INFINITY;

/** Where several targets refused, the one that is back first says why, and when. */
function neverStarted({ refusals }: Journey, call: Call): GatewayError {
  const { route } = call;
  if (refusals.length === 0) return withoutTarget(call);
  const [soonest] = refusals.toSorted((a, b) => waitOf(a) - waitOf(b) || 0);
  const isFull = refusals.some(({ code }) => code === 'QUEUE_FULL');
  const codes = new Map(refusals.map(({ target, code }) => [target, code]));
  const each = [...codes].map(([target, code]) => `${target} (${code})`).join(', ');
  const { code = 'BREAKER_OPEN', retryInMs = null } = soonest ?? {};
  return new GatewayError(
    isFull ? 'QUEUE_FULL' : code,
    `No target of route ${route.name} takes a call now: ${each}.`,
    retryInMs === null ? {} : { retryInMs },
  );
}

/** No target was left that a cap has room for. */
function spendLimit({ target, cap }: Refusal, { attempts }: Journey, { route, request }: Call): GatewayError {
  const where = `(route ${route.name}, after ${made(attempts.length)})`;
  const code = 'SPEND_LIMIT_REACHED';
  if (!cap) {
    const message = `The price of ${target} is unknown, and a cap asks for one ${where}.`;
    return new GatewayError(code, message, { attempts });
  }
  const { use, neededUsd, spentUsd, heldUsd, resetsAtEpochMs } = cap;
  const whose = use.value === '' ? '' : ` of ${use.value}`;
  const stands = `${showUsd(spentUsd)} of ${showUsd(use.limitUsd ?? 0)} spent, ${showUsd(heldUsd)} held for attempts in flight`;
  const resets =
    resetsAtEpochMs === null ? '' : `; there is room again at ${dateAt(resetsAtEpochMs).toISOString()}`;
  const mend =
    request.maxOutputTokens === undefined
      ? ' Set `maxOutputTokens`: without it, room is needed for a long answer.'
      : '';
  const message = `The cap \`${use.cap}\`${whose} has no room for ${showUsd(neededUsd)}: ${stands}${resets} ${where}.${mend}`;
  return new GatewayError(code, message, { attempts, cap });
}

function showUsd(usd: number): string {
  return `$${usd.toFixed(9).replace(/0{1,7}$/, '')}`;
}

/** What is to be held before an attempt could not be kept, so it was not made. */
export function ledgerFailed(cause: unknown, { attempts }: Journey): GatewayError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GatewayError('LEDGER_FAILED', `What an attempt may cost could not be held: ${why}`, {
    cause,
    attempts,
  });
}

/** Every target was passed over for good: its price is unknown, its key or its package is missing, or it serves other tenants. */
function withoutTarget({ route, request, plan }: Call): GatewayError {
  const mine = route.targets.filter(({ provider }) => provider.serves(request.tenant));
  const missing = new Set(mine.flatMap(({ provider }) => whatIsMissing(provider) ?? []));
  const unpriced = plan.skipped.some(({ reason }) => reason === 'price-unknown');
  const others = unpriced
    ? 'their prices are unknown, and a cap asks for one: give them prices, or set `policy.unpricedUsd`'
    : 'all of them serve other tenants';
  const why = missing.size > 0 ? [...missing].join('; ') : others;
  return new GatewayError('CONFIG_INVALID', `Route ${route.name} has no usable target: ${why}.`);
}

function made(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}
