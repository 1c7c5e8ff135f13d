import { createGateway } from '@paceline/gateway';
import { seededRandom, systemClock } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import type { Gateway, GatewayConfig } from '@paceline/gateway';
import type { Clock } from '@paceline/resilience';
import type { FaultRule, SimulatedProvider, Simulator, WireFormat } from '@paceline/simulator';

export const WIRES = ['openai', 'anthropic', 'google'] as const satisfies readonly WireFormat[];

/**
 * What every healthy provider says: sixty words of three letters, so that the simulator's tokens of four characters are
 * its words and "cut after 40 of 60 tokens" is exactly that. Completeness is equality with this text.
 */
export const ANSWER =
  'One hot day the old fox and his pal the owl sat out for tea but the ant had put all the jam and the ham far off and ' +
  'the fox was sad yet the owl did not cry and let her eye see how the sky had its sun but the old owl ate and the fox did too.';

/** 15 ms per token, as in the catalogue's rig. */
const LATENCY = { firstTokenMs: { p50: 40, p95: 60 }, tokensPerSecond: 1_000 / 15 };

/** All of them are in the price table. */
const MODELS: Readonly<Record<WireFormat, { readonly primary: string; readonly fallback: string }>> = {
  openai: { primary: 'gpt-5-mini', fallback: 'gpt-5' },
  anthropic: { primary: 'claude-haiku-4-5', fallback: 'claude-sonnet-4-5' },
  google: { primary: 'gemini-2.5-flash', fallback: 'gemini-2.5-pro' },
};

/** Under a virtual clock, in process; or in real time, over loopback sockets. */
export type Place = 'virtual' | 'sockets';

export interface RigOptions {
  readonly wire: WireFormat;
  readonly seed: number;
  readonly primary: readonly FaultRule[];
  readonly fallback?: Pick<SimulatedProvider, 'prefill'>;
  /** False: the control, one attempt on the primary. @default true */
  readonly failover?: boolean;
  /** Laid over the gateway's config. */
  readonly config?: Partial<GatewayConfig>;
}

/** The real gateway with its real adapters between a primary and a fallback of one wire format. */
export interface Rig {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly simulator: Simulator;
  readonly targets: { readonly primary: string; readonly fallback: string };
  /** Waits for work; under the virtual clock it moves the time. */
  run<T>(work: Promise<T>): Promise<T>;
  /** Timers still set; `null` in real time, where nobody counts them. */
  pendingTimers(): number | null;
  close(): Promise<void>;
}

/** @param place where the calls go */
export function openRig(options: RigOptions, place: Place): Promise<Rig> {
  return place === 'virtual' ? virtualRig(options) : socketRig(options);
}

export async function virtualRig(options: RigOptions): Promise<Rig> {
  const clock = createVirtualClock();
  const simulator = simulatorFor(options, clock);
  return {
    ...gatewayFor(options, { clock, simulator, providers: simulator.providers(), fetch: simulator.fetch }),
    run: (work) => clock.run(work),
    pendingTimers: () => clock.pendingTimers(),
    close: async () => {},
  };
}

async function socketRig(options: RigOptions): Promise<Rig> {
  const simulator = simulatorFor(options, systemClock);
  const listening = await simulator.listen();
  const providers = simulator.providers(listening.url);
  const rig = gatewayFor(options, { clock: systemClock, simulator, providers });
  return {
    ...rig,
    run: (work) => work,
    pendingTimers: () => null,
    async close() {
      await rig.gateway.close();
      await listening.close();
    },
  };
}

function simulatorFor({ wire, seed, primary, fallback }: RigOptions, clock: Clock): Simulator {
  const healthy = { wire, latency: LATENCY, answer: ANSWER };
  const providers = { primary: { ...healthy, faults: primary }, fallback: { ...healthy, ...fallback } };
  return createSimulator({ seed, clock, scenario: { providers } });
}

interface Parts {
  readonly clock: Clock;
  readonly simulator: Simulator;
  readonly providers: ReturnType<Simulator['providers']>;
  /** @default the gateway's own, over sockets */
  readonly fetch?: typeof globalThis.fetch;
}

function gatewayFor({ wire, seed, failover = true, config }: RigOptions, parts: Parts) {
  const { clock, simulator, fetch } = parts;
  const { primary, fallback } = MODELS[wire];
  const targets = { primary: `primary/${primary}`, fallback: `fallback/${fallback}` };
  const providers = Object.entries(parts.providers).map(([name, each]) => [
    name,
    { ...each, pricedAs: wire },
  ]);
  const gateway = createGateway({
    roles: { reason: [targets.primary, targets.fallback] },
    routes: { alive: [targets.fallback] },
    providers: Object.fromEntries(providers),
    policy: { failover },
    simulated: true,
    clock,
    random: seededRandom(`gateway ${seed}`),
    ...(fetch !== undefined && { fetch }),
    ...config,
  });
  return { clock, gateway, simulator, targets };
}
