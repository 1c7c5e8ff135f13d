import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { createEngine, createGateway, isEngineError, sqliteJournal } from 'paceline';
import { chainOf } from './chain.ts';
import { troubleFetch } from './failing-fetch.ts';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { Simulator } from '@paceline/simulator';
import type { Engine, JournalStore, Workflow } from 'paceline';
import type { Deed } from './chain.ts';
import type { FetchTrouble, TroubledFetch } from './failing-fetch.ts';

/** What outlives the processes of one case. */
export interface Place {
  readonly path: string;
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly network: TroubledFetch;
  readonly deeds: Deed[];
}

/** A process on it. */
export interface Process {
  readonly journal: JournalStore;
  readonly engine: Engine;
  readonly workflow: Workflow<{ text: string }, number>;
  close(): Promise<void>;
}

const HEALTHY = {
  latency: { firstTokenMs: { p50: 100, p95: 200 }, tokensPerSecond: 200 },
  toolCallsAtOnce: 2,
};
const PROVIDERS = {
  first: { ...HEALTHY, wire: 'openai' },
  second: { ...HEALTHY, wire: 'anthropic' },
} as const;
const TARGETS = ['first/gpt-5-mini', 'second/claude-haiku-4-5'];

export function openPlace(path: string, trouble: FetchTrouble | null): Place {
  const clock = createVirtualClock();
  const simulator = createSimulator({ seed: 1, clock, scenario: { providers: PROVIDERS } });
  return { path, clock, simulator, network: troubleFetch(simulator.fetch, trouble), deeds: [] };
}

/** @throws EngineError `JOURNAL_UNUSABLE` */
export function openProcess({ path, clock, simulator, network, deeds }: Place): Process {
  const journal = sqliteJournal({ path, clock });
  const gateway = createGateway({
    roles: { classify: TARGETS, reason: TARGETS, execute: TARGETS },
    providers: simulator.providers(),
    fetch: network.fetch,
    clock,
    random: seededRandom(1),
    simulated: true,
  });
  const engine = createEngine({ gateway, journal, clock, random: seededRandom(2) });
  return {
    journal,
    engine,
    workflow: chainOf(deeds),
    async close() {
      await engine.close({ unfinished: 'leave' });
      await gateway.close();
      await journal.close();
    },
  };
}

/** How the run ended, or the code of what its caller got instead. */
export async function runChain({ engine, workflow }: Process, runId: string): Promise<string> {
  try {
    const { status } = await engine.run(workflow, { text: 'I want a refund for the lamp.' }, { runId });
    return status;
  } catch (error) {
    return isEngineError(error) ? error.code : String(error);
  }
}
