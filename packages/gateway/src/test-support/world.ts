import { createRetryBudget, deadlineIn, seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { createGateway, createMoneyMeter } from '../index.ts';
import type { CallBudget, GatewayConfig, GatewayError, ModelRequest, ModelResult } from '../index.ts';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { FaultRule, SimulatedProvider, Simulator } from '@paceline/simulator';
import type { Gateway } from '../index.ts';

/** One target of each wire format; all of them are in the price table. */
export const TARGETS = {
  openai: 'openai/gpt-5-mini',
  anthropic: 'anthropic/claude-haiku-4-5',
  google: 'google/gemini-2.5-flash',
} as const;

export type WireName = keyof typeof TARGETS;

export const WIRE_NAMES = Object.keys(TARGETS) as readonly WireName[];

export interface WorldOptions {
  readonly seed?: number;
  readonly faults?: Partial<Record<WireName, readonly FaultRule[]>>;
  /** What else is simulated of each provider: rate limits, say. */
  readonly simulated?: Partial<Record<WireName, Partial<SimulatedProvider>>>;
  /** What role `classify` is bound to. @default OpenAI, Anthropic, Google */
  readonly targets?: readonly string[];
  readonly config?: Partial<GatewayConfig>;
}

export interface World {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly gateway: Gateway;
  ask(overrides?: Partial<ModelRequest> & { readonly withinMs?: number }): ModelRequest;
  generate(overrides?: Parameters<World['ask']>[0]): Promise<ModelResult>;
  /** The error of a call that has to fail. */
  failure(overrides?: Parameters<World['ask']>[0]): Promise<GatewayError>;
}

/** A gateway on simulated providers, all under one virtual clock: tests go through the wire, the adapters and back. */
export function createWorld(options: WorldOptions = {}): World {
  const { seed = 1, faults = {}, simulated = {}, targets, config } = options;
  const clock = createVirtualClock();
  const latency = { firstTokenMs: { p50: 100, p95: 200 }, tokensPerSecond: 200 };
  const providers = Object.fromEntries(
    WIRE_NAMES.map((wire) => [wire, { wire, latency, faults: faults[wire] ?? [], ...simulated[wire] }]),
  );
  const simulator = createSimulator({ seed, clock, scenario: { providers } });
  const gateway = createGateway({
    roles: { classify: targets ?? Object.values(TARGETS) },
    providers: simulator.providers(),
    fetch: simulator.fetch,
    clock,
    random: seededRandom(seed),
    simulated: true,
    ...config,
  });
  let calls = 0;
  const ask: World['ask'] = ({ withinMs = 20_000, ...overrides } = {}) => ({
    route: 'classify',
    messages: [{ role: 'user', text: 'Where is my refund for the broken lamp?' }],
    answer: { type: 'text' },
    deadline: deadlineIn(clock, withinMs),
    signal: new AbortController().signal,
    call: { runId: `run-r${calls++}`, step: 'triage', turn: 0 },
    ...overrides,
  });
  return {
    clock,
    simulator,
    gateway,
    ask,
    generate: (overrides) => clock.run(gateway.generate(ask(overrides))),
    failure: (overrides) =>
      clock.run(
        gateway.generate(ask(overrides)).then(
          (result) => {
            throw new Error(`Expected a failure, got an answer by ${result.servedBy}`);
          },
          (error: GatewayError) => error,
        ),
      ),
  };
}

export function budgetOf(capUsd: number | null, retries = createRetryBudget()): CallBudget {
  return { retries, money: createMoneyMeter(capUsd) };
}
