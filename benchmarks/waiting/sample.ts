/** What one process measured with many runs that only wait. */
export interface WaitingSample {
  readonly runs: number;
  /** Of memory that a run takes which was started here. */
  readonly bytesPerRun: number;
  /** Of memory that a run takes which was taken over from another process. */
  readonly recoveredBytesPerRun: number;
  /** From the first to the last. */
  readonly recoverMs: number;
  /** Of the whole process, at the end. */
  readonly rssBytes: number;
}
