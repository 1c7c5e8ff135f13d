/** What one process measured of the book of spend. */
export interface SpendSample {
  readonly calls: number;
  /** Combinations of workflow, step, target, team and kind of cost that the calls have. */
  readonly keys: number;
  /** From the first call to the last, the disk's work included. */
  readonly bookUsPerCall: number;
  readonly bytesPerCall: number;
  readonly reports: readonly ReportSample[];
}

export interface ReportSample {
  readonly name: string;
  readonly rows: number;
  readonly ms: number;
  /** The longest that the event loop had to wait meanwhile. */
  readonly heldMs: number;
}
