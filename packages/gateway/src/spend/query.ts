import type { CostSource } from '../result.ts';

/** What attempts are told apart by, besides their labels. */
export const SPEND_DIMENSIONS = [
  'provider',
  'model',
  'role',
  'step',
  'workflow',
  'tenant',
  'credential',
] as const;

/**
 * `model` is `provider/model`; `role` the role, or the route that was asked in its stead; `step` a step's name, without the number of a `map`'s item;
 * `credential` is `provider`, or `provider@endpoint` where there are several. A label goes by its key: `label:team`.
 */
export type SpendDimension = (typeof SPEND_DIMENSIONS)[number] | `label:${string}`;

/** What a report is about. */
export interface SpendQuery {
  /** Attempts that ended then or later, in milliseconds since 1970. @default all */
  readonly sinceEpochMs?: number;
  /** Attempts that ended before. @default all */
  readonly untilEpochMs?: number;
  /** One row for each combination of these. @default one row for all together */
  readonly by?: readonly SpendDimension[];
  /** Only attempts with these values; `null`: with none. @default all */
  readonly where?: Readonly<Partial<Record<SpendDimension, string | null>>>;
}

/** What the attempts of one group came to. */
export interface SpendRow {
  /** The group's values, by dimension; `null`: it has none, a call without a tenant say. */
  readonly group: Readonly<Partial<Record<SpendDimension, string | null>>>;
  /** What is known to have been spent; more where there are unpriced attempts. Exact to the picodollar. */
  readonly usd: number;
  /** Attempts whose cost is unknown, which is not 0. */
  readonly unpricedAttempts: number;
  /** Model calls, each in the group of its first attempt. */
  readonly calls: number;
  readonly attempts: number;
  /** Cached ones included. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  /** Reasoning included. */
  readonly outputTokens: number;
  /** By the providers' prompt caches, as far as it is known. Below 0 where writing to them has cost more than reading saved. */
  readonly savedUsd: number;
  /** How the costs are known. */
  readonly sources: Readonly<Record<CostSource, SourceShare>>;
}

export interface SourceShare {
  readonly attempts: number;
  readonly usd: number;
}

const LABEL = 'label:';

/** Whether a text names a dimension: one of the fixed ones, or a label by its key. */
export function isSpendDimension(text: string): text is SpendDimension {
  return (
    labelKeyOf(text) !== '' && (text.startsWith(LABEL) || SPEND_DIMENSIONS.some((each) => each === text))
  );
}

/** The key of a label's dimension; `null` for the others. */
export function labelKeyOf(dimension: string): string | null {
  return dimension.startsWith(LABEL) ? dimension.slice(LABEL.length) : null;
}

/** @throws TypeError naming what is no dimension, or no moment */
export function checkSpendQuery({ by = [], where = {}, ...moments }: SpendQuery): void {
  for (const dimension of [...by, ...Object.keys(where)]) {
    if (isSpendDimension(dimension)) continue;
    const known = [...SPEND_DIMENSIONS, 'label:<key>'].join(', ');
    throw new TypeError(`Expected a dimension of spend (${known}), got ${JSON.stringify(dimension)}`);
  }
  for (const [name, epochMs] of Object.entries(moments)) {
    if (epochMs === undefined || Number.isFinite(epochMs)) continue;
    throw new TypeError(`Expected \`${name}\` to be milliseconds since 1970, got ${String(epochMs)}`);
  }
}
