import { createGateway } from '@paceline/gateway';
import { seededRandom, systemClock } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import type { Gateway } from '@paceline/gateway';
import type { Clock } from '@paceline/resilience';
import type { Scenario, Simulator, WireFormat } from '@paceline/simulator';
import { ANSWER, faultsIn, LATENCY } from './world.ts';
import type { Span } from './world.ts';

/** Under a virtual clock, in process; or in real time, over loopback sockets. */
export type Place = 'virtual' | 'sockets';

export interface RigOptions {
  readonly wire: WireFormat;
  readonly seed: number;
  /** The route's setting. */
  readonly hedge: boolean;
  /** False: the control, one attempt at the first provider. @default true */
  readonly failover?: boolean;
  /** When the first provider is browned out. */
  readonly brownOuts: readonly Span[];
}

/** Three failed attempts in a row, with 5.7 % of them failing, would cost one chain in 550. The gateway's default is 3. */
const ATTEMPTS = 4;

/** The real gateway with its real adapters and, but for the route's settings, its defaults, between two simulated providers. */
export interface Rig {
  readonly clock: Clock;
  readonly gateway: Gateway;
  /** When the simulated world began. */
  readonly originMs: number;
  /** Waits for work; under the virtual clock it moves the time. */
  run<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** @param place where the calls go */
export function openRig(options: RigOptions, place: Place): Promise<Rig> {
  return place === 'virtual' ? virtualRig(options) : socketRig(options);
}

async function virtualRig(options: RigOptions): Promise<Rig> {
  const clock = createVirtualClock();
  const originMs = clock.nowMs();
  const simulator = createSimulator({ ...worldOf(options), clock });
  const gateway = gatewayFor(options, { clock, providers: simulator.providers(), fetch: simulator.fetch });
  return { clock, gateway, originMs, run: (work) => clock.run(work), close: () => gateway.close() };
}

async function socketRig(options: RigOptions): Promise<Rig> {
  const clock = systemClock;
  const originMs = clock.nowMs();
  const simulator = createSimulator({ ...worldOf(options), clock });
  const listening = await simulator.listen();
  const gateway = gatewayFor(options, { clock, providers: simulator.providers(listening.url) });
  return {
    clock,
    gateway,
    originMs,
    run: (work) => work,
    async close() {
      await gateway.close();
      await listening.close();
    },
  };
}

function worldOf({ wire, seed, brownOuts }: RigOptions): {
  seed: number;
  scenario: Scenario;
  keepCalls: number;
} {
  const { first, second } = faultsIn(brownOuts);
  const healthy = { wire, latency: LATENCY, answer: ANSWER };
  const providers = { first: { ...healthy, faults: first }, second: { ...healthy, faults: second } };
  return { seed, scenario: { providers }, keepCalls: 1 };
}

interface Parts {
  readonly clock: Clock;
  readonly providers: ReturnType<Simulator['providers']>;
  /** @default the gateway's own, over sockets */
  readonly fetch?: typeof globalThis.fetch;
}

function gatewayFor(
  { seed, hedge, failover = true }: RigOptions,
  { clock, providers, fetch }: Parts,
): Gateway {
  return createGateway({
    roles: { reason: { targets: ['first/small', 'second/small'], attempts: ATTEMPTS, hedge } },
    providers,
    policy: { failover },
    simulated: true,
    clock,
    random: seededRandom(`gateway ${seed}`),
    ...(fetch !== undefined && { fetch }),
  });
}
