import { createCallQueue } from './call-queue.ts';
import { createPromptStore } from './prompt-cache.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { Clock } from '@paceline/resilience';
import type { CallQueue } from './call-queue.ts';
import type { PromptStore } from './prompt-cache.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Scenario, SimulatedProvider } from './scenario/scenario.ts';

/** A provider, and what it remembers from call to call. `null`: its scenario asks for no such thing. */
export interface ProviderState {
  readonly provider: SimulatedProvider;
  readonly queue: CallQueue | null;
  limiter(credential: string): RateLimiter | null;
  prompts(credential: string, model: string): PromptStore | null;
}

export function createProviderStates(scenario: Scenario, clock: Clock): ReadonlyMap<string, ProviderState> {
  const states = Object.entries(scenario.providers).map(
    ([name, provider]) => [name, createState(provider, clock)] as const,
  );
  return new Map(states);
}

function createState(provider: SimulatedProvider, clock: Clock): ProviderState {
  const { rateLimit, capacity, promptCache } = provider;
  return {
    provider,
    queue: capacity === undefined ? null : createCallQueue(capacity),
    limiter: perKey(() => (rateLimit === undefined ? null : createRateLimiter(rateLimit, clock))),
    prompts: perKey(() => (promptCache === undefined ? null : createPromptStore(promptCache, clock))),
  };
}

/** Makes one for each key, when it is first asked for. */
function perKey<Value>(make: () => Value): (...key: readonly string[]) => Value {
  const made = new Map<string, Value>();
  return (...key) => {
    const name = JSON.stringify(key);
    const known = made.get(name);
    if (known !== undefined) return known;
    const value = make();
    made.set(name, value);
    return value;
  };
}
