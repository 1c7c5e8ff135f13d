import type { TextListener } from '../call.ts';
import type { Gate, Route } from '../gate.ts';
import type { ModelRequest } from '../request.ts';
import type { ModelResult } from '../result.ts';
import { cacheKey } from './key.ts';

/** A call that has found its route. */
export interface Asked {
  readonly request: ModelRequest;
  readonly route: Route;
  readonly startedMs: number;
  readonly onText: TextListener | undefined;
}

/** Answers a call from the cache, where there is one and the request may be; else makes it. */
export async function throughCache(
  { request, route, onText }: Asked,
  { cache, emit }: Gate,
  make: () => Promise<ModelResult>,
): Promise<ModelResult> {
  if (cache === null || !isCacheable(request)) return make();
  const result = await cache.answer({ key: cacheKey(request, route), request, make });
  if (result.cached === true) {
    const { text, servedBy } = result;
    emit('cache-hit', { call: request.call, servedBy });
    if (text !== '') onText?.(text, { attempt: 1, target: servedBy, after: null });
  }
  return result;
}

/** It says so, or it asks for the likeliest answer and no other. */
function isCacheable({ cache, temperature }: ModelRequest): boolean {
  return cache === undefined ? temperature === 0 : cache !== 'skip';
}
