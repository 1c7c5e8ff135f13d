import type { RunChain } from '../engine/chain.ts';

/** What one child process measured. */
export interface DurableSample {
  /** By wall time, since waiting for the disk is part of the work. */
  readonly stepsPerSecond: number;
  readonly cpuUsPerStep: number;
  /** Of all that was left on the disk. */
  readonly bytesPerStep: number;
}

/** What a step of one long run costs early and late. */
export interface LongRunSample {
  readonly earlyCpuUs: number;
  readonly lateCpuUs: number;
}

export interface DurableSubject {
  readonly runChain: RunChain;
  close(): Promise<void>;
}
