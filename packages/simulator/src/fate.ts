import { hashUnit } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import type { FaultRule } from './scenario/scenario.ts';

/** Who is calling, as far as the request says. */
export interface CallKey {
  /** `<run or row>/<step>/<turn>/<attempt>`, or `#<n>`: all that a fate is drawn from besides the seed and the provider. */
  readonly text: string;
  readonly row: number | null;
  readonly step: string | null;
  readonly turn: number;
  readonly attempt: number;
}

/**
 * Reads `x-paceline-call: <runId>/<step>/<turn>/<attempt>`. A run id that ends in `-r<digits>` stands for its row, so
 * that a repeated batch meets the same fates under new run ids. Without a readable header the request's number counts.
 */
export function callKey(header: string | undefined, requestNumber: number): CallKey {
  const [, run, step, turn, attempt] = /^(.+)\/([^/]+)\/(\d+)\/(\d+)$/.exec(header ?? '') ?? [];
  if (run === undefined || step === undefined) {
    return { text: `#${requestNumber}`, row: requestNumber, step: null, turn: 0, attempt: 1 };
  }
  const row = /-r(\d+)$/.exec(run)?.[1];
  const subject = row === undefined ? run : `r${Number(row)}`;
  return {
    text: [subject, step, Number(turn), Number(attempt)].join('/'),
    row: row === undefined ? null : Number(row),
    step,
    turn: Number(turn),
    attempt: Number(attempt),
  };
}

export interface FateQuestion {
  readonly provider: string;
  readonly model: string;
  /** '' when none was sent. */
  readonly credential: string;
  readonly key: CallKey;
  readonly rules: readonly FaultRule[];
  /** Where the rules come from; `times` counts per provider and source. @default the scenario */
  readonly source?: string;
}

/** Decides which fault, if any, strikes a call. */
export interface Fates {
  decide(question: FateQuestion): FaultRule | undefined;
}

/**
 * A hash of seed, call, provider and rule decides, so a call's fate does not depend on what else runs; only `times` and
 * `betweenMs` look at what came before.
 */
export function createFates({ seed, clock }: { seed: number; clock: Clock }): Fates {
  const createdMs = clock.nowMs();
  const strikes = new Map<string, number>();
  return {
    decide({ provider, model, credential, key, rules, source = '' }) {
      const sinceMs = clock.nowMs() - createdMs;
      for (const [index, rule] of rules.entries()) {
        // A list of rules may be shared by several providers, so each provider counts for itself.
        const counter = `${provider}/${source}/${index}`;
        const struck = strikes.get(counter) ?? 0;
        if (!matches(rule, { model, credential, key }) || !within(rule.betweenMs, sinceMs)) continue;
        if (struck >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
        if (hashUnit(seed, key.text, provider, index) >= (rule.probability ?? 1)) continue;
        if (rule.times !== undefined) strikes.set(counter, struck + 1);
        return rule;
      }
      return undefined;
    },
  };
}

type Caller = Pick<FateQuestion, 'model' | 'credential' | 'key'>;

function matches(rule: FaultRule, { model, credential, key }: Caller): boolean {
  return (
    within(rule.rows, key.row) &&
    (rule.models?.includes(model) ?? true) &&
    (rule.keys?.includes(credential) ?? true) &&
    (rule.step === undefined || rule.step === key.step) &&
    (rule.attempts?.includes(key.attempt) ?? true) &&
    (rule.turns?.includes(key.turn) ?? true)
  );
}

function within(range: readonly [number, number] | undefined, value: number | null): boolean {
  if (range === undefined) return true;
  return value !== null && range[0] <= value && value < range[1];
}
