import { remainingMs } from '@paceline/resilience';
import { expectedUsage } from '../meter/usage.ts';
import { picoOf } from '../meter/usd.ts';
import type { Call } from '../call.ts';
import type { Gate } from '../gate.ts';
import type { MoneyReserved } from '../request.ts';
import type { AttemptRecord } from '../result.ts';
import type { Target } from '../targets.ts';
import type { CapRefusal, CapUse } from './cap.ts';
import type { Account } from './caps.ts';
import type { Reserved, ReserveRequest, SpendIdentity } from './contract.ts';
import { ASSUMED_OUTPUT_TOKENS, mostPromptTokens, worstUsd } from './worst-case.ts';

/** The most that an attempt can cost, held for it from before it is made until it has ended. */
export interface Hold {
  /** The output limit that it was reckoned with; `null`: nothing is capped, and no limit is needed. */
  readonly outputTokens: number | null;
  /** The attempt was not made. Call this or `settle`, once. */
  release(): void;
  /** It has ended, however: books it, and counts what it cost instead of what was held. */
  settle(record: AttemptRecord): void;
}

type MoneyHold = Extract<MoneyReserved, { ok: true }>;

export type Held =
  | { readonly ok: true; readonly hold: Hold }
  | {
      readonly ok: false;
      /** `null`: it has no known price, so that no most can be held. */
      readonly refusal: CapRefusal | null;
      /** There is room as soon as attempts in flight have ended at what they usually cost. */
      readonly passing: boolean;
    };

/** An attempt about to be made. */
export interface Upcoming {
  readonly target: Target;
  /** 1 for the first of the call. */
  readonly number: number;
  /** Text of an earlier attempt that this one may be given to go on from. */
  readonly cutText: string;
}

/** Attempts have ended by their deadline, or at the latest after a day. */
const LONGEST_MS = 86_400_000;

/** After its deadline, an attempt of a process that lives has been settled for long. */
const SETTLED_AFTER_MS = 60_000;

/**
 * Holds what an attempt can cost at most on every cap it counts on: the call's and the run's in this process, the config's in the ledger.
 * @throws whatever the ledger throws: what cannot be held must not be spent
 */
export async function holdMoney(upcoming: Upcoming, call: Call, gate: Gate): Promise<Held> {
  const stake = stakeOf(upcoming, call, gate);
  if (stake === null) return { ok: false, refusal: null, passing: false };
  const { usd, uses } = stake;
  const own = call.money?.reserve(usd);
  if (own?.ok === false) return refused(own.refusal);
  let reserved: Reserved = { ok: true };
  try {
    if (uses.length > 0) reserved = await gate.ledger.spend.reserve(stake);
  } catch (error) {
    own?.release();
    throw error;
  }
  if (reserved.ok) return { ok: true, hold: holdOf(stake, own, gate) };
  own?.release();
  return refused(reserved.refusal);
}

/** An attempt, and what it may cost. */
interface Stake extends ReserveRequest {
  readonly outputTokens: number | null;
}

/** `null`: it has no known price where a cap asks for one. */
function stakeOf(upcoming: Upcoming, call: Call, gate: Gate): Stake | null {
  const { caps, clock } = gate;
  const { target } = upcoming;
  const account = accountOf(call, target);
  const uses = caps.none ? [] : caps.usesOf(account);
  const limited = isLimited(call, uses);
  const fromEpochMs = clock.epochMs();
  const untilEpochMs = fromEpochMs + Math.min(LONGEST_MS, remainingMs(call.request.deadline, clock));
  const shared = {
    attempt: identityOf(upcoming, account, gate),
    uses,
    expiresAtEpochMs: untilEpochMs + SETTLED_AFTER_MS,
  };
  if (!limited && uses.length === 0) return { ...shared, usd: 0, priced: true, outputTokens: null };
  const outputTokens = outputLimit(call, target);
  const promptTokens = promptLimit(upcoming, call);
  const keptForAnHour = keepsForAnHour(call, target);
  const prospect = { promptTokens, outputTokens, keptForAnHour, fromEpochMs, untilEpochMs };
  const worst = worstUsd(target.price, prospect);
  const usd = worst ?? caps.unpricedUsd ?? (limited ? null : 0);
  return usd === null ? null : { ...shared, usd, priced: worst !== null, outputTokens };
}

function holdOf(stake: Stake, own: MoneyHold | undefined, { ledger, clock }: Gate): Hold {
  const { attempt, usd, uses, outputTokens } = stake;
  return {
    outputTokens,
    release() {
      own?.release();
      if (uses.length > 0) ledger.spend.release(attempt.id);
    },
    settle({ outcome, costUsd, costSource, priceTable, usage, savedUsd }) {
      own?.settle(costUsd ?? usd);
      const counted = costUsd === null && uses.length > 0 ? { countedUsd: usd } : {};
      const cost = { costUsd, costSource, priceTable, usage, savedUsd, ...counted };
      ledger.spend.settle({ ...attempt, atEpochMs: clock.epochMs(), outcome, ...cost });
    },
  };
}

const ONE_TOKEN = expectedUsage({ inputTokens: 1, outputTokens: 1 });

/** Whether a target cannot be asked: on a hard cap, one needs a price, or the config's word what an attempt without one counts as. */
export function lacksPrice(
  target: Target,
  call: Pick<Call, 'request' | 'route' | 'money'>,
  gate: Gate,
): boolean {
  const { caps, clock } = gate;
  if (caps.unpricedUsd !== null || (caps.none && call.money?.isCapped !== true)) return false;
  const uses = caps.usesOf(accountOf(call, target));
  if (!isLimited(call, uses)) return false;
  return target.price(ONE_TOKEN, clock.epochMs()).usd === null;
}

function isLimited({ money }: Pick<Call, 'money'>, uses: readonly CapUse[]): boolean {
  return money?.isCapped === true || uses.some(({ limitUsd }) => limitUsd !== null);
}

function refused(refusal: CapRefusal): Held {
  const { use, spentUsd, neededUsd } = refusal;
  const passing = picoOf(spentUsd) + picoOf(neededUsd) <= picoOf(use.limitUsd ?? 0);
  return { ok: false, refusal, passing };
}

/** The request's own, or one that is sent in its stead: no more than the model is known to write, or its provider would refuse it. */
function outputLimit({ request }: Call, target: Target): number {
  const known = target.info()?.maxOutputTokens?.value ?? Number.POSITIVE_INFINITY;
  return request.maxOutputTokens ?? Math.min(ASSUMED_OUTPUT_TOKENS, known);
}

function keepsForAnHour({ request, route }: Call, { provider }: Target): boolean {
  const use = request.promptCache ?? route.promptCache ?? provider.promptCache;
  return typeof use === 'object' && use.ttl === '1h';
}

function promptLimit({ cutText }: Upcoming, { request, route }: Call): number {
  return mostPromptTokens(request) + (route.continuation ? Buffer.byteLength(cutText) : 0);
}

function accountOf({ request, route }: Pick<Call, 'request' | 'route'>, { named }: Target): Account {
  const { provider, endpoint } = named;
  const credential = endpoint === null ? provider : `${provider}@${endpoint}`;
  return { request, route: route.name, credential };
}

function identityOf(
  { target, number }: Upcoming,
  { request, route }: Account,
  { caps, clock }: Gate,
): SpendIdentity {
  const { call, tenant = null, labels = {} } = request;
  const { runId, workflow = null, step, turn } = call;
  const { provider, model, endpoint } = target.named;
  return {
    id: caps.idFor(`${runId}/${step}/${turn}/${number}`),
    atEpochMs: clock.epochMs(),
    runId,
    workflow,
    step,
    turn,
    attempt: number,
    route,
    target: target.name,
    provider,
    model,
    credential: endpoint,
    tenant,
    labels,
  };
}
