import { isAbortReason } from '@paceline/resilience';
import { GatewayError } from './errors.ts';
import { whatIsMissing } from './providers/missing.ts';
import type { Call, Journey } from './call.ts';
import type { GatewayErrorDetails } from './errors.ts';

type BrokenOff = 'DEADLINE_EXCEEDED' | 'SPEND_LIMIT_REACHED' | 'RETRY_BUDGET_SPENT';

const WHY: Readonly<Record<BrokenOff, string>> = {
  DEADLINE_EXCEEDED: 'The deadline has passed',
  SPEND_LIMIT_REACHED: "The run's budget of money is spent",
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
  if (!several || !verdict.otherTarget) {
    return new GatewayError(verdict.code, `${final.target}: ${final.message ?? verdict.code}`, details);
  }
  const each = failed.map(({ target, code }) => `${target} (${code})`).join(', ');
  return new GatewayError('NO_TARGET_LEFT', `No target of route ${route.name} answered: ${each}.`, details);
}

function neverStarted({ refusals }: Journey, call: Call): GatewayError {
  const { route } = call;
  if (refusals.length === 0) return withoutTarget(call);
  const waits = refusals.flatMap(({ retryInMs }) => (retryInMs === null ? [] : [retryInMs]));
  const codes = refusals.map((refusal) => refusal.code);
  const code = codes.includes('QUEUE_FULL') ? 'QUEUE_FULL' : (codes[0] ?? 'BREAKER_OPEN');
  return new GatewayError(
    code,
    `No target of route ${route.name} takes a call now: ${refusals.map(({ target }) => target).join(', ')}.`,
    waits.length === 0 ? {} : { retryInMs: Math.min(...waits) },
  );
}

/** Every target was passed over for good: its key or its package is missing, or it serves other tenants. */
function withoutTarget({ route, request }: Call): GatewayError {
  const mine = route.targets.filter(({ provider }) => provider.serves(request.tenant));
  const missing = new Set(mine.flatMap(({ provider }) => whatIsMissing(provider) ?? []));
  const why = missing.size > 0 ? [...missing].join('; ') : 'all of them serve other tenants';
  return new GatewayError('CONFIG_INVALID', `Route ${route.name} has no usable target: ${why}.`);
}

function made(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}
