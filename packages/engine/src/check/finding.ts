/** What a check can find. An error will hurt every run or repeat a side effect; a warning may hurt some. */
export const FINDINGS = {
  PATH_OVER_BUDGET: 'error',
  STEP_OVER_LIMIT: 'error',
  ROUTE_UNUSABLE: 'error',
  ONCE_REPEATED: 'error',
  LONGEST_PATH_OVER_BUDGET: 'warning',
  TIME_UNKNOWN: 'warning',
  WAIT_UNBOUNDED: 'warning',
  LOOP_UNBOUNDED: 'warning',
  EFFECT_NOT_COMPENSATED: 'warning',
  BRANCH_NEVER_TAKEN: 'warning',
} as const satisfies Record<string, 'error' | 'warning'>;

export type FindingCode = keyof typeof FINDINGS;

/** Something that the definition allows and that may still be a mistake. Plain data. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  /** The state it is about, as a path such as `working.planning`. */
  readonly state?: string;
  /** The step it is about. */
  readonly step?: string;
  /** What is the matter, one sentence. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly mend: string;
}

type Place = Pick<Finding, 'state' | 'step'>;

interface Said extends Place {
  readonly message: string;
  readonly mend: string;
}

export function finding(code: FindingCode, said: Said): Finding {
  return { code, severity: FINDINGS[code], ...said };
}
