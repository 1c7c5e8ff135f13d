import type { AttemptLimits, Role } from '@paceline/gateway';
import type { z } from 'zod';

/**
 * What a crash may do with work in flight: `pure` and `idempotent` run again under the same idempotency key, `once`
 * never runs again by itself.
 */
export type Effect = 'pure' | 'idempotent' | 'once';

/** A string is the user message; the object form adds the system message. */
export type Prompt = string | { readonly system?: string; readonly user: string };

/** Policy that every kind of step takes. */
export interface StepPolicy {
  /** Longest this step may take, in milliseconds, retries and failovers included. @default what the run's budget leaves */
  readonly totalMs?: number;
  /** Usual duration in milliseconds, until it has been learned. Used by the deadline floor and the budget lint. */
  readonly expectedMs?: number;
}

/** Policy of the steps that ask a model. */
export interface ModelPolicy extends StepPolicy {
  /** Route in the config. @default the step's role */
  readonly route?: Role | (string & {});
  readonly limits?: AttemptLimits;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
}

export interface Classification<Label extends string = string> {
  readonly label: Label;
  /** 0..1; `null` where the source is `none`. */
  readonly confidence: number | null;
  readonly confidenceSource: 'logprobs' | 'self-reported' | 'none';
}

export interface ClassifyStep<In = unknown, Label extends string = string> extends ModelPolicy {
  readonly kind: 'classify';
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Classification<Label>>;
  readonly labels: readonly Label[];
  readonly prompt: (args: { readonly input: In }) => Prompt;
}

export interface ReasonStep<In = unknown, Out = unknown> extends ModelPolicy {
  readonly kind: 'reason';
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  readonly prompt: (args: { readonly input: In }) => Prompt;
}

export interface ExecuteStep<In = unknown, Out = unknown> extends ModelPolicy {
  readonly kind: 'execute';
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  readonly tools: Readonly<Record<string, Tool>>;
  /** Tool calls the model may make in one visit. @default 8 */
  readonly maxToolCalls?: number;
  readonly prompt: (args: { readonly input: In }) => Prompt;
}

/** What the body of a tool or a code step is given. */
export interface BodyArgs<In> {
  readonly input: In;
  /** Aborts on cancel, on the step's time limit and on the run's deadline. Pass it to everything you await. */
  readonly signal: AbortSignal;
  /** `hash(runId, invokeId, visit, toolIndex)`: the same when a crash makes it run again. Send it to systems that deduplicate. */
  readonly idempotencyKey: string;
}

export interface Tool<In = unknown, Out = unknown> {
  readonly description: string;
  readonly input: z.ZodType<In>;
  readonly effect: Effect;
  /** Tries of a failing `pure` or `idempotent` tool, the first included. `once` tools take 1. @default 1 */
  readonly attempts?: number;
  /** @default what the step leaves */
  readonly toolMs?: number;
  readonly run: (args: BodyArgs<In>) => Out | Promise<Out>;
}

export interface CodeStep<In = unknown, Out = unknown> extends StepPolicy {
  readonly kind: 'code';
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  readonly effect: Effect;
  /** Tries of a failing `pure` or `idempotent` step, the first included. `once` steps take 1. @default 1 */
  readonly attempts?: number;
  readonly run: (args: BodyArgs<In>) => Out | Promise<Out>;
}

export type Step<In = never, Out = unknown> =
  | ClassifyStep<In, string>
  | ReasonStep<In, Out>
  | ExecuteStep<In, Out>
  | CodeStep<In, Out>;

export interface Budget {
  /** Time for the whole run, in milliseconds. */
  readonly totalMs: number;
  /** Once this is spent no further model call is made. @default no cap */
  readonly usd?: number;
}
