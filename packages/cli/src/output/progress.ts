/** Tells about a batch while it runs. Everything goes to standard error: standard output belongs to the results. */
export interface Progress {
  /** A line of its own that stays. */
  note(line: string): void;
  /** Ends the telling; a note may still follow. */
  close(): void;
}
