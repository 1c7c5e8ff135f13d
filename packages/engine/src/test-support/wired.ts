import { createGateway } from '@paceline/gateway';
import type { Gateway, GatewayConfig } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import type { FaultRule, Simulator } from '@paceline/simulator';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';

export interface WiredWorld {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly gateway: Gateway;
  readonly journal: JournalStore;
  readonly engine: Engine;
}

export interface WiredOptions {
  readonly seed?: number;
  /** What goes wrong, by provider. */
  readonly faults?: Partial<Record<'openai' | 'anthropic', readonly FaultRule[]>>;
  readonly config?: Partial<GatewayConfig>;
}

/** The real gateway on two simulated providers: a run goes through the adapters, the wire and back, in virtual time. */
export function wiredWorld({ seed = 1, faults = {}, config }: WiredOptions = {}): WiredWorld {
  const clock = createVirtualClock();
  const latency = { firstTokenMs: { p50: 100, p95: 200 }, tokensPerSecond: 200 };
  const simulator = createSimulator({
    seed,
    clock,
    scenario: {
      providers: {
        openai: { wire: 'openai', latency, faults: faults.openai ?? [] },
        anthropic: { wire: 'anthropic', latency, promptCache: {}, faults: faults.anthropic ?? [] },
      },
    },
  });
  const targets = ['openai/gpt-5-mini', 'anthropic/claude-haiku-4-5'];
  const random = seededRandom(seed);
  const gateway = createGateway({
    roles: { classify: targets, reason: targets, execute: targets },
    providers: simulator.providers(),
    fetch: simulator.fetch,
    clock,
    random,
    simulated: true,
    ...config,
  });
  const journal = memoryJournal();
  const engine = createEngine({ gateway, journal, clock, random, replayCheck: true });
  return { clock, simulator, gateway, journal, engine };
}
