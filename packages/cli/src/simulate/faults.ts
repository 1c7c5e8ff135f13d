import type { FaultName, FaultRule } from '@paceline/simulator';

/** What a fault comes to for the call that meets it. A sketch: the wire has more to it. */
export type Trouble =
  /** An error instead of an answer, after `afterMs`. */
  | { readonly type: 'error'; readonly afterMs: number; readonly again: Again; readonly hintMs: number }
  /** Nothing comes. */
  | { readonly type: 'silence' }
  /** It breaks off, with an error or in silence, after part of the answer. */
  | { readonly type: 'midway'; readonly silent: boolean }
  /** The first token comes late. */
  | { readonly type: 'late'; readonly firstTokenMs: number; readonly factor: number }
  /** The answer does not fit its schema: the model is asked once more. */
  | { readonly type: 'unfit' };

/** Whether the same target is asked again: soon, when no other is left, or not at all; `stop`: nobody is. */
export type Again = 'yes' | 'last-resort' | 'no' | 'stop';

/** When an error comes, as in the simulator. */
const ERROR_AFTER_MS = 40;
const BROWNOUT_AFTER_MS = 1_000;
const LATE_MS = 20_000;
const HINT_MS = 2_000;

const AGAIN: Readonly<Partial<Record<FaultName, Again>>> = {
  'error-500': 'yes',
  'html-502': 'yes',
  reset: 'yes',
  'rate-limit': 'yes',
  'unavailable-503': 'last-resort',
  overloaded: 'last-resort',
  'empty-200': 'last-resort',
  quota: 'no',
  auth: 'no',
  'model-not-found': 'no',
  'context-too-large': 'no',
  'content-filter': 'stop',
};

const MIDWAY: ReadonlySet<FaultName> = new Set([
  'cut',
  'cut-reset',
  'malformed-event',
  'error-in-stream',
  'no-end-marker',
]);

/** What a rule's fault does; `null` if a call would not notice. @param draw from 0 to 1, for faults that strike some calls otherwise than others */
export function troubleOf(rule: FaultRule, draw: number): Trouble | null {
  const { fault, afterMs = ERROR_AFTER_MS, retryAfterMs = HINT_MS } = rule;
  const again = AGAIN[fault];
  if (again !== undefined) {
    return { type: 'error', afterMs, again, hintMs: fault === 'rate-limit' ? retryAfterMs : 0 };
  }
  if (MIDWAY.has(fault)) return { type: 'midway', silent: false };
  switch (fault) {
    case 'stall':
    case 'stall-silent':
      return { type: 'silence' };
    case 'stall-mid':
      return { type: 'midway', silent: true };
    case 'slow':
      return { type: 'late', firstTokenMs: rule.firstTokenMs ?? LATE_MS, factor: 1 };
    case 'brownout':
      return draw < (rule.errorShare ?? 0.5)
        ? { type: 'error', afterMs: rule.afterMs ?? BROWNOUT_AFTER_MS, again: 'last-resort', hintMs: 0 }
        : { type: 'late', firstTokenMs: 0, factor: rule.slowdown ?? 10 };
    case 'invalid-json-answer':
      return { type: 'unfit' };
    default:
      return null;
  }
}
