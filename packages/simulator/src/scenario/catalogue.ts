import type { FaultRule, SimulatedProvider } from './scenario.ts';

/** One fault of the catalogue: what the first of two providers does, and, where it matters, what the second does. */
export interface CatalogueFault {
  readonly doc: string;
  readonly primary: FaultRule;
  readonly fallback?: Pick<SimulatedProvider, 'prefill'>;
}

/**
 * The sixteen provider faults of the public Failover Bench (methodology v0.1), by its numbers: wherever a fault's name is
 * asked for, `S07` will do. Its answer has sixty tokens, so `afterTokens: 40` is two thirds of it.
 */
export const FAULT_CATALOGUE = {
  S01: {
    doc: 'one 429 that asks for a wait of 2 s, then healthy',
    primary: { fault: 'rate-limit', retryAfterMs: 2_000, times: 1 },
  },
  S02: { doc: '429 for good, without a hint', primary: { fault: 'rate-limit', retryAfterMs: 0 } },
  S03: { doc: 'one 500, then healthy', primary: { fault: 'error-500', times: 1 } },
  S04: { doc: '503 for good', primary: { fault: 'unavailable-503' } },
  S05: {
    doc: 'one connection reset before the headers, then healthy',
    primary: { fault: 'reset', times: 1 },
  },
  S06: {
    doc: 'accepts the request and never answers; hangs up after 120 s',
    primary: { fault: 'stall-silent', forMs: 120_000, resumes: false },
  },
  S07: {
    doc: 'headers at once, the first token after 20 s',
    primary: { fault: 'slow', firstTokenMs: 20_000 },
  },
  S08: { doc: 'cut after 40 tokens', primary: { fault: 'cut', afterTokens: 40 } },
  S09: {
    doc: 'silent for 30 s after 20 tokens, then closed',
    primary: { fault: 'stall-mid', afterTokens: 20, forMs: 30_000, resumes: false },
  },
  S10: { doc: 'one event that is not JSON', primary: { fault: 'malformed-event', afterTokens: 10 } },
  S11: { doc: 'complete, but without the end marker', primary: { fault: 'no-end-marker' } },
  S12: { doc: 'the prompt does not fit the context window', primary: { fault: 'context-too-large' } },
  S13: { doc: 'refused by the content policy', primary: { fault: 'content-filter' } },
  S14: {
    doc: 'cut after 40 tokens, and the other provider rejects assistant prefill',
    primary: { fault: 'cut', afterTokens: 40 },
    fallback: { prefill: false },
  },
  S15: { doc: '503 for the first 60 s, then healthy', primary: { fault: 'unavailable-503', downMs: 60_000 } },
  S16: {
    doc: '503 for good; whose model and whose usage is reported?',
    primary: { fault: 'unavailable-503' },
  },
} as const satisfies Record<string, CatalogueFault>;

export type CatalogueNumber = keyof typeof FAULT_CATALOGUE;

export function isCatalogueNumber(name: string): name is CatalogueNumber {
  return Object.hasOwn(FAULT_CATALOGUE, name);
}
