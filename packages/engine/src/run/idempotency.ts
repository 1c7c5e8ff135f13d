import { hash } from 'node:crypto';

export interface WorkIdentity {
  readonly runId: string;
  readonly invokeId: string;
  readonly visit: number;
  /** Counts the tool calls of the visit from 0; absent for the body of a code step. */
  readonly toolIndex?: number | undefined;
  /** Which item of a `map`, counted from 0; absent outside of one. */
  readonly item?: number | undefined;
}

/**
 * The same for every try of the same piece of work, also after a crash, and different for any other. 43 characters of
 * base64url (SHA-256 over the parts as a JSON array, so that no two lists of parts look alike).
 */
export function idempotencyKey({ runId, invokeId, visit, toolIndex = -1, item }: WorkIdentity): string {
  const parts = [runId, invokeId, visit, toolIndex, ...(item === undefined ? [] : [item])];
  return hash('sha256', JSON.stringify(parts), 'base64url');
}
