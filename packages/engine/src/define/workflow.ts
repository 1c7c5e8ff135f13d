import type { z } from 'zod';
import type { Budget, Step } from './step.ts';

/** What `createMachine` leaves on the machine for the engine. The machine stays an ordinary XState v5 machine. */
export interface WorkflowInfo {
  readonly id: string;
  /** Hash of the machine and its steps. */
  readonly hash: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly context: z.ZodType;
  readonly budget: Budget;
  readonly steps: Readonly<Record<string, Step>>;
  /** Step names that still follow each invoke on the cheapest successful path; see `define/time-plan.ts`. */
  readonly timePlan: TimePlan;
}

/**
 * The machine as a graph of time: for every invoke, where a success leads. The engine weighs it with learned durations
 * to find what must be left over for later steps.
 */
export interface TimePlan {
  /** Sum of expected times of the steps that follow `invokeId` on the cheapest path over success edges to a final state not tagged `degraded`. */
  laterMs(invokeId: string, expectedMs: (step: string) => number): number;
  /** The same from the start of the machine: the whole cheapest successful path. */
  totalMs(expectedMs: (step: string) => number): number;
}
