import { hash } from 'node:crypto';
import type { Route } from '../gate.ts';
import type { ModelRequest } from '../request.ts';

/**
 * The same for two requests that may be given the same answer: of one tenant, on the same targets, with every parameter and schema alike. SHA-256 over
 * a JSON array, so that no two lists of parts look alike.
 */
export function cacheKey(request: ModelRequest, route: Route): string {
  const { tenant, messages, answer, tools, logprobs, maxOutputTokens, temperature } = request;
  const parts = [
    tenant ?? null,
    route.targets.map(({ name }) => name),
    messages,
    answer,
    tools ?? [],
    logprobs ?? false,
    maxOutputTokens ?? null,
    temperature ?? null,
  ];
  return hash('sha256', JSON.stringify(parts), 'base64url');
}
