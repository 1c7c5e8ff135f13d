import type { AttemptLimits, CacheUse, PayloadLevel, PromptCacheUse, Role } from '@paceline/gateway';
import type { z } from 'zod';
import type { Failure } from './failure.ts';
import type { AnyStateMachine } from '../xstate/types.ts';

/**
 * What a crash may do with work in flight: `pure` and `idempotent` run again under the same idempotency key, `once`
 * never runs again by itself.
 */
export type Effect = 'pure' | 'idempotent' | 'once';

/** A string is the user message; the object form adds the system message. */
export type Prompt = string | { readonly system?: string; readonly user: string };

/**
 * What becomes of a step when nobody can say whether work that takes effect once did: `error` fails it with `UNCERTAIN`, `wait` lets it rest until a
 * person says what happened (`handle.answer`).
 */
export type OnUncertain = 'error' | 'wait';

/** Policy that every kind of step takes. */
export interface StepPolicy {
  /** Longest this step may take, in milliseconds, retries and failovers included. @default what the run's budget leaves */
  readonly totalMs?: number;
  /**
   * Usual duration in milliseconds, until it has been learned. Used by the deadline floor and the budget lint.
   * @default 0: nothing is held back for a step about which nothing is known
   */
  readonly expectedMs?: number;
  /** How often a run may visit an invoke of this step: the bound of a loop. The next visit fails with `VISIT_LIMIT_REACHED`. Minimum 1. @default 1_000 */
  readonly maxVisits?: number;
}

/** How what a step did is undone when its run does not reach its goal. */
export interface CompensationPolicy<In, Out> {
  /**
   * Undoes one visit. Called when the run fails or is cancelled after the visit began, in reverse order of the visits, one at a time. It has to be idempotent:
   * a crash makes it run again, under the same key. @default nothing is undone
   */
  compensate?(args: CompensateArgs<In, Out>): unknown;
  /** Tries of a failing `compensate`, the first included, 1 to 20. @default 5 */
  readonly compensateAttempts?: number;
  /** Time for all of them, in milliseconds; the run's deadline does not count. @default 30_000 */
  readonly compensateMs?: number;
}

export interface CompensateArgs<In, Out> {
  /** The step's. */
  readonly input: In;
  /** The step's; `null` if it was begun and its end is not known: it may or may not have taken effect. */
  readonly output: Out | null;
  /** Aborts when `compensateMs` are over, and when the process stops working on the run. */
  readonly signal: AbortSignal;
  /** Another one than the step's own; the same for every try. */
  readonly idempotencyKey: string;
}

/** Policy of the steps that ask a model. */
export interface ModelPolicy extends StepPolicy {
  /** Route in the config. @default the step's role */
  readonly route?: Role | (string & {});
  readonly limits?: AttemptLimits;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  /** What the log may hold of its prompts and answers, if less than the config allows. @default what it allows */
  readonly logPayload?: PayloadLevel;
  /** What the gateway's response cache may do, where the config has one. @default `use` at temperature 0, else `skip` */
  readonly cache?: CacheUse;
  /** What is asked of the provider's own prompt cache. @default that of the route, else of the provider, else `auto` */
  readonly promptCache?: PromptCacheUse;
}

export interface Classification<Label extends string = string> {
  readonly label: Label;
  /** 0..1; `null` where the source is `none`. */
  readonly confidence: number | null;
  readonly confidenceSource: 'logprobs' | 'self-reported' | 'none';
}

// The functions below are methods, not properties: methods compare bivariantly, so a step with its own input type is
// still a `Step`. The engine validates every input with the step's schema before it calls one.

export interface ClassifyStep<
  Input extends z.ZodType = z.ZodType,
  Label extends string = string,
> extends ModelPolicy {
  readonly kind: 'classify';
  readonly input: Input;
  readonly output: z.ZodType<Classification<Label>>;
  readonly labels: readonly Label[];
  prompt(args: { readonly input: z.output<Input> }): Prompt;
}

export interface ReasonStep<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> extends ModelPolicy {
  readonly kind: 'reason';
  readonly input: Input;
  readonly output: Output;
  prompt(args: { readonly input: z.output<Input> }): Prompt;
}

export interface ExecuteStep<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType>
  extends ModelPolicy, CompensationPolicy<z.output<Input>, z.output<Output>> {
  readonly kind: 'execute';
  readonly input: Input;
  readonly output: Output;
  readonly tools: Readonly<Record<string, Tool>>;
  /** Tool calls the model may make in one visit, 1 to 100. @default 8 */
  readonly maxToolCalls?: number;
  /** What becomes of the step when nobody can say whether a `once` tool took effect. @default 'error' */
  readonly onUncertain?: OnUncertain;
  prompt(args: { readonly input: z.output<Input> }): Prompt;
}

/** What the body of a tool or a code step is given. Destructure it: what is not read is not made, and a spread copies nothing. */
export interface BodyArgs<In> {
  readonly input: In;
  /** Aborts on cancel, on the step's time limit and on the run's deadline. Pass it to everything you await. */
  readonly signal: AbortSignal;
  /** `hash(runId, invokeId, visit, toolIndex)`: the same when a crash makes it run again. Send it to systems that deduplicate. */
  readonly idempotencyKey: string;
}

/** A method in an object type, so that it compares bivariantly like the other functions here. */
type ApprovalPolicy<In> = { ask(args: { readonly input: In }): boolean }['ask'];

export interface Tool<Input extends z.ZodType = z.ZodType, Out = unknown> {
  readonly description: string;
  readonly input: Input;
  readonly effect: Effect;
  /** Tries of a failing `pure` or `idempotent` tool, the first included. `once` tools take 1. @default 1 */
  readonly attempts?: number;
  /** @default what the step leaves */
  readonly toolMs?: number;
  /**
   * Whether a person has to allow a call first, with its arguments in front of them (`handle.answer`): the step rests meanwhile. As a function of the
   * arguments it has to be pure; one that throws asks. @default nobody is asked
   */
  readonly approval?: 'required' | ApprovalPolicy<z.output<Input>>;
  run(args: BodyArgs<z.output<Input>>): Out | Promise<Out>;
}

export interface CodeStep<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType>
  extends StepPolicy, CompensationPolicy<z.output<Input>, z.output<Output>> {
  readonly kind: 'code';
  readonly input: Input;
  readonly output: Output;
  readonly effect: Effect;
  /** Tries of a failing `pure` or `idempotent` step, the first included. `once` steps take 1. @default 1 */
  readonly attempts?: number;
  /** What becomes of a `once` step when nobody can say whether it took effect. @default 'error' */
  readonly onUncertain?: OnUncertain;
  run(args: BodyArgs<z.output<Input>>): z.input<Output> | Promise<z.input<Output>>;
}

/** A workflow as a step: every visit is a run of its own, the child. Made by `child`. */
export interface ChildStep<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> extends StepPolicy {
  readonly kind: 'child';
  /** The workflow's. */
  readonly input: Input;
  /** The workflow's. */
  readonly output: Output;
  /** A `Workflow`, whose type stands on that of its steps: `childWorkflow` gives it back. */
  readonly workflow: AnyStateMachine;
}

/** What one piece of work can be. */
export type InnerStep = ClassifyStep | ReasonStep | ExecuteStep | CodeStep | ChildStep;

/**
 * What becomes of a `map` of which items fail. `fail`: the first one fails the step and stops the others. `collect`: all are done, and the output says
 * of each how it ended. `atLeast`: like `collect`, but so many have to succeed.
 */
export type MapFailure = 'fail' | 'collect' | { readonly atLeast: number };

/** How an item ended, where failures are collected. */
export type ItemResult<Output> =
  | { readonly ok: true; readonly output: Output }
  | { readonly ok: false; readonly failure: Failure };

/** One step for every item of a list. Made by `map`. */
export interface MapStep<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> extends StepPolicy {
  readonly kind: 'map';
  /** A list of what the inner step takes, 10,000 items at most. */
  readonly input: Input;
  /** In the order of the items. */
  readonly output: Output;
  readonly step: InnerStep;
  /** Items at work at the same time, 1 to 64. */
  readonly concurrency: number;
  readonly failure: MapFailure;
}

/** Every kind of step. As a type parameter's bound it takes a step of any input and output. */
export type Step = InnerStep | MapStep;

/** The steps of a workflow by name. */
export type Steps = Readonly<Record<string, Step>>;

/** The steps that ask a model. */
export type ModelStep = ClassifyStep | ReasonStep | ExecuteStep;

/** The route that a step asks for; `null` for one that asks no model by itself. */
export function routeOf(step: Step | undefined): string | null {
  switch (step?.kind) {
    case 'classify':
    case 'reason':
    case 'execute':
      return step.route ?? step.kind;
    default:
      return null;
  }
}

export interface Budget {
  /** Time for the whole run, in milliseconds. */
  readonly totalMs: number;
  /**
   * Whether time counts towards `totalMs` in which nothing but people can bring the run on: no step is at work, and a state waits for
   * a signal or a step for an answer. `free`: the deadline stands still meanwhile; a run may then wait for ever, unless its state has
   * an `after`. @default 'counts'
   */
  readonly waiting?: 'counts' | 'free';
  /** No model call is made that could go beyond it, child runs included. In US dollars. @default no cap */
  readonly usd?: number;
}
