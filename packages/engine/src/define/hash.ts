import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RawMachine } from './chart.ts';
import { childWorkflow } from './child.ts';
import type { Signals } from './signals.ts';
import type { ChildStep, Step } from './step.ts';
import { workflowInfo } from './workflow.ts';

export interface Shaped {
  readonly id: string;
  readonly config: RawMachine;
  readonly steps: Readonly<Record<string, Step>>;
  readonly signals: Signals;
}

/**
 * What decides how a recorded run goes on, as JSON with sorted keys: the machine, of each step its kind, labels, effects and
 * schemas, and the schemas of the signals. Left out on purpose: prompts, bodies, routes, limits and what people are asked, so that a better
 * prompt, a longer limit or a stricter approval can be deployed under running runs. What was asked and answered before is on record and stays.
 *
 * The machine's functions (guards, assigns, mappers) count by their source text, without white space. That notices an
 * edited guard, and costs this: a function that calls a helper does not show the helper's change, and another compiler
 * or minifier gives another shape.
 */
export function workflowShape({ id, config, steps, signals }: Shaped): string {
  return JSON.stringify({
    id,
    machine: plain(config),
    steps: Object.entries(steps).toSorted(byName).map(stepShape),
    signals: Object.entries(signals)
      .toSorted(byName)
      .map(([name, payload]) => ({ name, payload: schemaShape(payload) })),
  });
}

/** SHA-256 of a shape, in hex. */
export function shapeHash(shape: string): string {
  return createHash('sha256').update(shape).digest('hex');
}

function stepShape([name, step]: readonly [string, Step]): unknown {
  return {
    name,
    kind: step.kind,
    input: schemaShape(step.input),
    // A classification's schema says no more than its labels.
    ...(step.kind === 'classify' ? { labels: step.labels } : { output: schemaShape(step.output) }),
    effect: step.kind === 'code' ? step.effect : undefined,
    tools:
      step.kind === 'execute'
        ? Object.entries(step.tools)
            .toSorted(byName)
            .map(([tool, { effect, input }]) => ({ tool, effect, input: schemaShape(input) }))
        : undefined,
    workflow: step.kind === 'child' ? childShape(step) : undefined,
    items: step.kind === 'map' ? { failure: step.failure, step: stepShape(['', step.step]) } : undefined,
  };
}

/** What a child run goes on under is what its own workflow's hash says. */
function childShape(step: ChildStep): unknown {
  const { id, hash } = workflowInfo(childWorkflow(step));
  return { id, hash };
}

function schemaShape(schema: z.ZodType): unknown {
  return plain(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

/** What XState's own action and guard objects carry beside the author's part. It changes with XState's version. */
const XSTATE_INTERNALS = new Set(['resolve', 'execute', 'retryResolve', 'check']);

/** The value as JSON with sorted keys and with functions as text. */
function plain(value: unknown): unknown {
  if (typeof value === 'function') return plainFunction(value);
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? plainEntries(Object.entries(value)) : value;
}

/** XState's actions and guards are functions too, which carry the author's part as properties. */
function plainFunction(value: object): unknown {
  const parts = Object.entries(value);
  const own = parts.filter(([key]) => !XSTATE_INTERNALS.has(key));
  const source = own.length < parts.length ? undefined : value.toString().replace(/\s+/g, '');
  return { source, ...plainEntries(own) };
}

function plainEntries(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.toSorted(byName).map(([key, part]) => [key, plain(part)]));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
