import { createGateway } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { offer } from '../load.ts';
import type { GatewayConfig } from '@paceline/gateway';
import type { FaultRule, Scenario, Simulator } from '@paceline/simulator';
import type { CallSeen, Load } from '../load.ts';

/** Tenants who do as always. */
const OTHERS = ['north', 'east', 'south', 'west'] as const;

/** The one who does not. */
const FLOODER = 'flood';

/** What a tenant usually asks, in calls a second. */
const USUAL = 20;

export const FLOOD_FACTOR = 10;

/** What each caller has. */
const WITHIN_MS = 10_000;

/**
 * With these latencies the gateway's 64 places at one target make for about 150 calls a second: enough for all five tenants as
 * always (100), and by far too little for four of them and the flood (280). The provider could serve a few more.
 */
const LATENCY = { firstTokenMs: { p50: 400, p95: 600 }, tokensPerSecond: 500 };
const CAPACITY = { perSecond: 200 };

/** Of everybody's calls: so that the others need their retries too. */
const EVERYDAY: FaultRule = { fault: 'error-500', probability: 0.01 };

export interface IsolationCase {
  readonly doc: string;
  /** Whether each tenant has an endpoint, and with it a key, of its own; else all share one. */
  readonly ownKeys: boolean;
  /** What befalls every call with the flooder's key once the flood begins. */
  readonly poison?: FaultRule['fault'];
  /** Characters of the flooder's prompts. */
  readonly promptChars: number;
}

const USUAL_CHARS = 200;
const TWO_MEGABYTES = 2_000_000;

export const CASES = {
  'own key refused': {
    doc: 'a key for each tenant; the flooder’s is refused with 401',
    ownKeys: true,
    poison: 'auth',
    promptChars: USUAL_CHARS,
  },
  'own key fails': {
    doc: 'a key for each tenant; with the flooder’s every call fails with 500',
    ownKeys: true,
    poison: 'error-500',
    promptChars: USUAL_CHARS,
  },
  'own key refused, 2 MB': {
    doc: 'refused with 401, and each prompt has 2 MB',
    ownKeys: true,
    poison: 'auth',
    promptChars: TWO_MEGABYTES,
  },
  shared: {
    doc: 'one key for all, and the provider is well; there are only not enough places',
    ownKeys: false,
    promptChars: USUAL_CHARS,
  },
  'shared, 2 MB': {
    doc: 'the same, and each prompt of the flooder has 2 MB',
    ownKeys: false,
    promptChars: TWO_MEGABYTES,
  },
} as const satisfies Record<string, IsolationCase>;

export type CaseName = keyof typeof CASES;

export interface IsolationRun {
  readonly name: CaseName;
  /** False: all tenants as always, and no key fails. */
  readonly flood: boolean;
  /** False: the control, `policy.guards: false`. */
  readonly guards: boolean;
  readonly seed: number;
  readonly spans: Spans;
}

export interface Spans {
  /** All tenants as always. */
  readonly calmMs: number;
  readonly floodMs: number;
}

/** What was seen from the end of the calm on. */
export interface IsolationSeen {
  readonly others: readonly CallSeen[];
  readonly flooder: readonly CallSeen[];
  /** Targets whose breaker opened at any time. */
  readonly opened: readonly string[];
  /** Calls still open at the provider and timers still set when all was over. */
  readonly leftBehind: number;
}

export async function meetFlood(run: IsolationRun): Promise<IsolationSeen> {
  const { seed } = run;
  const clock = createVirtualClock();
  // A prompt of two megabytes is not worth remembering for long.
  const simulator = createSimulator({ seed, clock, keepCalls: 1_000, scenario: scenarioOf(run) });
  const gateway = createGateway({
    ...configOf(run, simulator),
    fetch: simulator.fetch,
    simulated: true,
    clock,
    random: seededRandom(`gateway ${seed}`),
  });
  const opened = new Set<string>();
  gateway.events.on('breaker-change', ({ target, phase }) => {
    if (phase === 'open') opened.add(target);
  });
  const calls = await clock.run(
    Promise.all(
      loadsOf(run).map(async (load) => {
        // A sequence for each: with the flood or without it, the others call at the same moments.
        const random = seededRandom(`${seed} ${load.tenant} ${load.fromMs}`);
        const seen = await offer(load, { clock, gateway, random });
        return seen.map((call) => ({ ...call, tenant: load.tenant }));
      }),
    ),
  );
  const afterCalm = calls.flat().filter(({ atMs }) => atMs >= run.spans.calmMs);
  const open = simulator.calls.filter(({ ended }) => ended === null).length;
  return {
    others: afterCalm.filter(({ tenant }) => tenant !== FLOODER),
    flooder: afterCalm.filter(({ tenant }) => tenant === FLOODER),
    opened: [...opened],
    leftBehind: open + clock.pendingTimers(),
  };
}

type TenantLoad = Load & { readonly tenant: string };

function loadsOf({ name, flood, spans: { calmMs, floodMs } }: IsolationRun): readonly TenantLoad[] {
  const usual = {
    perSecond: USUAL,
    fromMs: 0,
    toMs: calmMs + floodMs,
    withinMs: WITHIN_MS,
    prompt: prompt(USUAL_CHARS),
  };
  const flooding = {
    ...usual,
    tenant: FLOODER,
    fromMs: calmMs,
    ...(flood && { perSecond: FLOOD_FACTOR * USUAL, prompt: prompt(CASES[name].promptChars) }),
  };
  return [
    ...OTHERS.map((tenant) => ({ ...usual, tenant })),
    { ...usual, tenant: FLOODER, toMs: calmMs },
    flooding,
  ];
}

const prompt = (characters: number): string => 'word '.repeat(characters / 5);

/** The flooder's own target, where it has one. */
export const FLOODED_TARGET = `main/gpt-5-mini@${FLOODER}`;

const keyOf = (tenant: string): string => `key-${tenant}`;

function scenarioOf({ name, flood, spans }: IsolationRun): Scenario {
  const { poison }: IsolationCase = CASES[name];
  const poisoned: readonly FaultRule[] =
    flood && poison !== undefined
      ? [{ fault: poison, keys: [keyOf(FLOODER)], betweenMs: [spans.calmMs, Number.POSITIVE_INFINITY] }]
      : [];
  return {
    providers: {
      main: { wire: 'openai', latency: LATENCY, capacity: CAPACITY, faults: [...poisoned, EVERYDAY] },
    },
  };
}

function configOf({ name, guards }: IsolationRun, simulator: Simulator): GatewayConfig {
  const tenants = [...OTHERS, FLOODER];
  const endpoints = Object.fromEntries(
    tenants.map((tenant) => [tenant, { apiKey: `env:${variableOf(tenant)}` as const, tenants: [tenant] }]),
  );
  const providers = Object.entries(simulator.providers()).map(([provider, each]) => [
    provider,
    { ...each, pricedAs: 'openai', ...(CASES[name].ownKeys && { endpoints }) },
  ]);
  return {
    roles: { reason: ['main/gpt-5-mini'] },
    providers: Object.fromEntries(providers),
    env: Object.fromEntries(tenants.map((tenant) => [variableOf(tenant), keyOf(tenant)])),
    policy: { guards },
  };
}

const variableOf = (tenant: string): string => `KEY_${tenant.toUpperCase()}`;
