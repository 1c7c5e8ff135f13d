import { isComplete } from './call.ts';
import type { CallSeen } from './call.ts';

/** Everything one fault's scoring looks at: the caller's view and the provider's. */
export interface Seen {
  readonly call: CallSeen;
  /** When attempts reached each provider, in milliseconds after the first call began. */
  readonly primaryAtMs: readonly number[];
  readonly fallbackAtMs: readonly number[];
  readonly fallbackTarget: string;
  /** Requests that the fallback refused because they ended in the assistant's words. */
  readonly prefillRejections: number;
  /** A healthy call through the same gateway afterwards was answered whole, within ten seconds. */
  readonly aliveAfter: boolean;
  /** Calls still open at a provider and timers still set once all was over. */
  readonly leftBehind: number;
  /** Where a fault is met by many calls in a row. */
  readonly sequence: SequenceSeen | null;
}

export interface SequenceSeen {
  /** While the primary was down. */
  readonly calls: number;
  readonly served: number;
  readonly primaryAttempts: number;
  /** From the primary's recovery to its first answer; `null`: it was not used again. */
  readonly recoveredAfterMs: number | null;
}

export interface Check {
  readonly id: string;
  /** An advisory check that fails makes the verdict `partial`; any other, `fail`. */
  readonly advisory?: true;
  readonly passes: (seen: Seen) => boolean;
  /** What was found, for the report. */
  readonly found: (seen: Seen) => string;
}

const seconds = (ms: number | null): string => (ms === null ? '-' : `${(ms / 1_000).toFixed(2)} s`);

/** For every fault. */
export const ALWAYS: readonly Check[] = [
  {
    id: 'ends',
    passes: ({ call }) => call.outcome !== 'hung',
    found: ({ call }) => `${call.outcome} after ${seconds(call.ms)}`,
  },
  {
    id: 'no-truncated-success',
    passes: ({ call }) => call.outcome !== 'answered' || isComplete(call),
    found: ({ call }) => (isComplete(call) ? 'whole answer' : `${call.shown.length} characters shown`),
  },
  {
    id: 'leaves-nothing',
    passes: ({ leftBehind }) => leftBehind === 0,
    found: ({ leftBehind }) => `${leftBehind} left behind`,
  },
];

export const endsWithin = (mostMs: number): Check => ({
  id: `within-${mostMs / 1_000}s`,
  passes: ({ call }) => call.outcome !== 'hung' && call.ms <= mostMs,
  found: ({ call }) => seconds(call.ms),
});

export const primaryAttempts = ({ least = 0, most = Number.POSITIVE_INFINITY }): Check => ({
  id: 'primary-attempts',
  passes: ({ primaryAtMs: { length } }) => least <= length && length <= most,
  found: ({ primaryAtMs, fallbackAtMs }) => `attempts ${primaryAtMs.length} + ${fallbackAtMs.length}`,
});

/** Without a second attempt there is no gap, and the check fails. */
export const firstGapAtLeast = (leastMs: number): Check => ({
  id: 'honours-the-wait',
  passes: ({ primaryAtMs: [first, second] }) =>
    first !== undefined && second !== undefined && second - first >= leastMs,
  found: ({ primaryAtMs: [first, second] }) =>
    first === undefined || second === undefined ? 'no second attempt' : `gap ${seconds(second - first)}`,
});

export const hammersNot = ({ most, windowMs }: { most: number; windowMs: number }): Check => {
  const count = ({ primaryAtMs }: Seen): number =>
    primaryAtMs.filter((atMs) => atMs - (primaryAtMs[0] ?? 0) < windowMs).length;
  return {
    id: 'no-hammering',
    passes: (seen) => count(seen) <= most,
    found: (seen) => `${count(seen)} in ${seconds(windowMs)}`,
  };
};

export const WHOLE: Check = {
  id: 'whole',
  passes: ({ call }) => isComplete(call),
  found: ({ call }) => (isComplete(call) ? `whole, by ${call.result?.servedBy}` : call.outcome),
};

export const ALIVE_AFTER: Check = {
  id: 'alive-after',
  passes: ({ aliveAfter }) => aliveAfter,
  found: ({ aliveAfter }) => (aliveAfter ? 'alive' : 'a healthy call failed afterwards'),
};

/** An estimate is no usage block. */
export const USAGE_REPORTED: Check = {
  id: 'usage-reported',
  passes: ({ call }) => call.result?.usage.source === 'reported' && call.result.usage.outputTokens > 0,
  found: ({ call }) => `usage ${call.result?.usage.source ?? 'missing'}`,
};

export const NO_PREFILL_MASKING: Check = {
  id: 'no-prefill-masking',
  passes: ({ call, prefillRejections }) => call.outcome === 'answered' || prefillRejections === 0,
  found: ({ prefillRejections }) => `${prefillRejections} prefill rejections`,
};

export const NAMES_THE_FALLBACK: Check = {
  id: 'names-the-fallback',
  passes: ({ call, fallbackTarget, fallbackAtMs }) =>
    fallbackAtMs.length === 0 || call.result?.servedBy === fallbackTarget,
  found: ({ call }) => `served by ${call.result?.servedBy ?? 'nobody'}`,
};

export const BILLS_NO_FAILURE: Check = {
  id: 'bills-no-failure',
  passes: ({ call }) => failedOf(call).every(({ costUsd }) => costUsd === 0),
  found: ({ call }) =>
    `failures cost ${failedOf(call).reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)} $`,
};

const failedOf = ({ result, error }: CallSeen) =>
  (result?.attempts ?? error?.attempts ?? []).filter(({ outcome }) => outcome !== 'ok');

export const SERVED_DURING_OUTAGE: Check = {
  id: 'served-during-outage',
  passes: ({ sequence }) => sequence !== null && sequence.calls > 0 && sequence.served === sequence.calls,
  found: ({ sequence }) => `${sequence?.served} of ${sequence?.calls} served in the outage`,
};

export const recoversWithin = (mostMs: number): Check => ({
  id: 'recovers',
  passes: ({ sequence }) => (sequence?.recoveredAfterMs ?? Number.POSITIVE_INFINITY) <= mostMs,
  found: ({ sequence }) => {
    const ms = sequence?.recoveredAfterMs ?? null;
    const tries = `${sequence?.primaryAttempts} primary attempts in the outage`;
    return ms === null ? `${tries}; not used again` : `${tries}; back after ${seconds(ms)}`;
  },
});
