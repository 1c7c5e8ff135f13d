import { randomUUID } from 'node:crypto';
import { durationMs } from '../durations.ts';
import { createMoneyMeter } from '../money.ts';
import type { MoneyMeter, ModelRequest } from '../request.ts';
import type { CapConfig } from './cap-config.ts';
import type { CapCounter, CapUse, CapWindow } from './cap.ts';
import type { SpendLedger } from './contract.ts';

/** The config's caps, ready for use. */
export interface Caps {
  /** There is nothing to reserve: no cap of the config holds for an attempt. Those of a run or a call may. */
  readonly none: boolean;
  /** The counters of an attempt, with their limits. */
  usesOf(account: Account): readonly CapUse[];
  /** Whether a soft cap is reached that a call counts on. */
  isSoftReached(account: CallAccount, at: { readonly spend: SpendLedger; readonly epochMs: number }): boolean;
  /** What an attempt without a known price counts as; `null`: hard caps let none be made. */
  readonly unpricedUsd: number | null;
  /** Makes an attempt's id unique among all that are ever booked. */
  idFor(attempt: string): string;
  /** The meter of one call's attempts: the run's, and the call's own cap in it. Undefined if there is neither. */
  meterFor(request: ModelRequest): MoneyMeter | undefined;
}

/** On whose account a call is. */
export interface CallAccount {
  readonly request: Pick<ModelRequest, 'call' | 'labels' | 'tenant'>;
  readonly route: string;
}

export interface Account extends CallAccount {
  /** `provider`, or `provider@endpoint`. */
  readonly credential: string;
}

/** @param unpricedUsd see `PolicyConfig` */
export function openCaps(configs: readonly CapConfig[] = [], unpricedUsd: number | null = null): Caps {
  // A step that is repeated after a crash has the identity of the one that was lost.
  const process = randomUUID().slice(0, 'xxxxxxxx'.length);
  let made = 0;
  const ofCalls = configs.filter(({ per }) => per === 'call');
  const kept = configs.filter(({ per }) => per !== 'call');
  const soft = kept.filter(({ softUsd }) => softUsd !== undefined);
  return {
    none: kept.length === 0,
    unpricedUsd,
    idFor: (attempt) => `${attempt}#${process}-${(made++).toString(36)}`,
    usesOf: (account) => kept.flatMap((cap) => useOf(cap, valueFor(cap, account))),
    isSoftReached: ({ request, route }, { spend, epochMs }) =>
      soft.some((cap) => {
        const value = valueFor(cap, { request, route, credential: '' });
        return useOf(cap, value).some((counter) => {
          const { spentUsd, heldUsd } = spend.standing(counter, epochMs);
          return spentUsd + heldUsd >= (cap.softUsd ?? Infinity);
        });
      }),
    meterFor: ({ budget, call }) =>
      ofCalls.reduce<MoneyMeter | undefined>(
        (within, cap) => createMoneyMeter(cap.usd ?? null, { within, cap: capName(cap), value: call.runId }),
        budget?.money,
      ),
  };
}

/** None if the cap holds for others. */
function useOf(cap: CapConfig, value: string): readonly CapUse[] {
  if (cap.only !== undefined && cap.only !== value) return [];
  return [{ ...counterOf(cap, value), limitUsd: cap.usd ?? null }];
}

function counterOf(cap: CapConfig, value: string): CapCounter {
  return { cap: capName(cap), value, window: windowOf(cap) };
}

const LABEL = 'label:';

function valueFor({ per }: CapConfig, { request, route, credential }: Account): string {
  switch (per) {
    case 'all':
    case 'call':
      return '';
    case 'run':
      return request.call.runId;
    case 'route':
      return route;
    case 'credential':
      return credential;
    case 'tenant':
      return request.tenant ?? '';
    default: {
      const { labels = {} } = request;
      const key = per.slice(LABEL.length);
      // Labels come from outside: one called `constructor` is no more than its name.
      return (Object.hasOwn(labels, key) ? labels[key] : undefined) ?? '';
    }
  }
}

/** What a cap is called where the config does not name it. */
export function capName({ name, per, only, window }: CapConfig): string {
  if (name !== undefined) return name;
  return `${per}${only === undefined ? '' : ` ${only}`}${window === undefined ? '' : ` per ${window}`}`;
}

/** Shorter than a minute, a window ends before the attempts in it. */
const SHORTEST_WINDOW_MS = 60_000;

/** `null`: it is none. */
export function parseWindow(text: string): CapWindow | null {
  if (text === 'hour' || text === 'day' || text === 'month') return { type: 'calendar', unit: text };
  const ms = /^\d+(?:\.\d+)?[smhd]$/.test(text) ? durationMs(text) : null;
  return ms === null || ms < SHORTEST_WINDOW_MS ? null : { type: 'rolling', ms };
}

function windowOf({ window }: CapConfig): CapWindow {
  const parsed = window === undefined ? null : parseWindow(window);
  return parsed ?? { type: 'always' };
}
