import { systemClock } from '@paceline/resilience';
import { createFates } from './fate.ts';
import { inProcessFetch } from './in-process.ts';
import { createCallJournal } from './journal.ts';
import { listen } from './listen.ts';
import { createProviderStates } from './provider-state.ts';
import { respond } from './respond.ts';
import { CODECS } from './wire/codecs.ts';
import { validateScenario } from './scenario/validate-scenario.ts';
import type { Clock } from '@paceline/resilience';
import type { OpenCall, SimulatedCall } from './journal.ts';
import type { Listening, ListenOptions } from './listen.ts';
import type { Exchange } from './player.ts';
import type { Incoming } from './respond.ts';
import type { Scenario } from './scenario/scenario.ts';
import type { WireFormat } from './wire/wire.ts';

export interface SimulatorOptions {
  /** The same seed gives each call the same answer, speed and fate. */
  readonly seed: number;
  /** A virtual clock for `fetch`; `listen` needs the real one. @default systemClock */
  readonly clock?: Clock;
  readonly scenario: Scenario;
  /** How many calls the journal keeps, the newest; it may hold a tenth more. Minimum 1. @default 10_000 */
  readonly keepCalls?: number;
  /** Called when a call has ended, e.g. to print it. */
  readonly onCallEnd?: (call: SimulatedCall) => void;
}

/** Simulated model providers: in process through `fetch`, or over HTTP through `listen`. */
export interface Simulator {
  /** Answers in process. Any host will do: the path names the provider. */
  readonly fetch: typeof globalThis.fetch;
  listen(options?: ListenOptions): Promise<Listening>;
  /** The request journal, in order of arrival. */
  readonly calls: readonly SimulatedCall[];
  /** Spread it into a gateway's `providers`. @default origin 'http://simulator.invalid', which only `fetch` answers */
  providers(origin?: string): Record<string, SimulatedEndpoint>;
}

export interface SimulatedEndpoint {
  readonly wire: WireFormat;
  readonly baseUrl: string;
  readonly identifyCalls: true;
}

/** @throws SimulatorError `SCENARIO_INVALID`, naming the field and the mend */
export function createSimulator(options: SimulatorOptions): Simulator {
  const { seed, clock = systemClock, keepCalls = 10_000, onCallEnd } = options;
  const scenario = validateScenario(options.scenario);
  const journal = createCallJournal(keepCalls);
  const createdMs = clock.nowMs();
  const sinceMs = () => clock.nowMs() - createdMs;
  const fates = createFates({ seed, clock });
  const world = {
    seed,
    fates,
    states: createProviderStates(scenario, clock),
    sinceMs,
    epochMs: () => clock.epochMs(),
    requestNumber: createCounter(),
  };

  const receive = (incoming: Incoming): Exchange => {
    const { script, facts } = respond(incoming, world);
    const call: OpenCall = { ...facts, status: null, startedMs: clock.nowMs(), endedMs: null, ended: null };
    journal.add(call);
    return {
      script,
      onHead: (status) => void (call.status = status),
      onEnd(how) {
        call.endedMs = clock.nowMs();
        if (how === 'cancelled') call.ended = 'cancelled';
        else call.ended = call.fault === null ? 'answered' : 'faulted';
        onCallEnd?.(call);
      },
    };
  };

  return {
    fetch: inProcessFetch(receive, clock),
    listen: (listenOptions = {}) => listen(receive, clock, listenOptions),
    calls: journal.calls,
    providers: (origin = 'http://simulator.invalid') =>
      Object.fromEntries(
        Object.entries(scenario.providers).map(([name, { wire }]) => {
          const baseUrl = `${origin}/${name}${CODECS[wire].basePath}`;
          return [name, { wire, baseUrl, identifyCalls: true }];
        }),
      ),
  };
}

/** Counts each name's requests from 0. */
function createCounter(): (name: string) => number {
  const counts = new Map<string, number>();
  return (name) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count;
  };
}
