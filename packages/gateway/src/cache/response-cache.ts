import { bounded, isAbortReason, isResilienceError } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import { GatewayError } from '../errors.ts';
import type { ModelRequest } from '../request.ts';
import type { FinishReason, ModelResult } from '../result.ts';
import { createAnswerStore } from './store.ts';

/** Exact answers, given again to requests that are the same in everything. In memory, of one gateway. */
export interface CacheConfig {
  /** How long an answer may be given again, in milliseconds. @default 600_000 */
  readonly ttlMs?: number;
  /** About how much memory the answers may take, in bytes; those used longest ago make room. @default 67_108_864 (64 MB) */
  readonly maxBytes?: number;
}

/** One request that may be answered from the cache. */
export interface CachedCall {
  readonly key: string;
  readonly request: Pick<ModelRequest, 'cache' | 'deadline' | 'signal'>;
  /** Makes the call. */
  readonly make: () => Promise<ModelResult>;
}

export interface ResponseCache {
  /**
   * An answer that is there, or that an equal call is just being given, else that of a call of its own.
   * @throws what the call throws, and GatewayError `DEADLINE_EXCEEDED` or `CANCELLED` while it waits for an equal one
   */
  answer(call: CachedCall): Promise<ModelResult>;
}

const DEFAULT_TTL_MS = 10 * 60_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** What ended by the model's own will. A filtered answer, or one that its token limit cut off, may be another one next time. */
const KEPT: ReadonlySet<FinishReason> = new Set<FinishReason>(['stop', 'tool-calls']);

export function createResponseCache(
  { ttlMs = DEFAULT_TTL_MS, maxBytes = DEFAULT_MAX_BYTES }: CacheConfig,
  clock: Clock,
): ResponseCache {
  const answers = createAnswerStore({ clock, ttlMs, maxBytes });
  /** Calls being made, by key; they never reject: a follower makes its own call when its leader's came to nothing. */
  const leaders = new Map<string, Promise<ModelResult | null>>();

  const lead = ({ key, make }: CachedCall): Promise<ModelResult> => {
    const made = make();
    const leader = made.then(
      (result) => result,
      () => null,
    );
    leaders.set(key, leader);
    return made
      .then((result) => {
        if (KEPT.has(result.finishReason)) answers.put(key, result);
        return result;
      })
      .finally(() => {
        if (leaders.get(key) === leader) leaders.delete(key);
      });
  };

  return {
    async answer(call) {
      const { key, request, make } = call;
      const startedMs = clock.nowMs();
      if (request.cache === 'refresh') return lead(call);
      const known = answers.get(key);
      if (known !== undefined) return again(known, 0);
      const leader = leaders.get(key);
      if (leader === undefined) return lead(call);
      const { deadline, signal } = request;
      const led = await bounded(() => leader, { clock, deadline, signal }).catch(waitEnded);
      return led === null ? make() : again(led, clock.nowMs() - startedMs);
    },
  };
}

function waitEnded(reason: unknown): never {
  const isOver = isResilienceError(reason) || (isAbortReason(reason) && reason.abortCause === 'deadline');
  throw isOver
    ? new GatewayError(
        'DEADLINE_EXCEEDED',
        'The deadline came before the answer to an equal call (after 0 attempts).',
      )
    : new GatewayError('CANCELLED', 'Cancelled while an equal call was made (after 0 attempts).');
}

/** It cost nothing this time. */
function again(answer: ModelResult, ms: number): ModelResult {
  return { ...answer, cached: true, costUsd: 0, savedUsd: 0, attempts: [], ms };
}
