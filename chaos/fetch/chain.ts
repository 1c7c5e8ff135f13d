import { classify, code, execute, reason, setupWorkflow, tool } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';
import type { Workflow } from 'paceline';

/** What took effect in the world. */
export interface Deed {
  readonly what: 'look' | 'pay' | 'tell';
  readonly key: string;
}

/** What can only be done once. */
export const ONCE: ReadonlySet<string> = new Set(['pay']);

const TEXT = z.object({ text: z.string() });
/** More than a journal in trouble and a restart take away. */
const TOTAL_MS = 600_000;

const given = ({ context: { text } }: { context: { text: string } }) => ({ text });
const prompt = ({ input: { text } }: { input: { text: string } }): string => text;

/** Three steps on models, the last of which calls a tool that may be called again and one that may not, and a step that tells. */
export function chainOf(deeds: Deed[]): Workflow<{ text: string }, number> {
  const acting = (what: Deed['what'], effect: 'idempotent' | 'once') =>
    tool({
      description: `${what} it.`,
      input: TEXT,
      effect,
      run: ({ idempotencyKey: key }) => {
        deeds.push({ what, key });
        return { key };
      },
    });
  const count = assign(({ context }: { context: { done: number } }) => ({ done: context.done + 1 })) as never;
  const taking = <Step extends string, Target extends string>(src: Step, target: Target) => ({
    invoke: { id: src, src, input: given, onDone: { target, actions: count }, onError: 'unsure' as const },
  });
  return setupWorkflow({
    id: 'fetch-chain',
    input: TEXT,
    output: z.number(),
    context: z.object({ text: z.string(), done: z.number() }),
    budget: { totalMs: TOTAL_MS },
    steps: {
      sort: classify({ input: TEXT, labels: ['refund', 'bug', 'other'], prompt }),
      decide: reason({ input: TEXT, output: z.object({ answer: z.string() }), prompt }),
      act: execute({
        input: TEXT,
        output: z.object({ done: z.boolean() }),
        prompt,
        tools: { look: acting('look', 'idempotent'), pay: acting('pay', 'once') },
      }),
      tell: code({
        input: TEXT,
        output: TEXT,
        effect: 'idempotent',
        run: ({ input, idempotencyKey: key }) => {
          deeds.push({ what: 'tell', key });
          return input;
        },
      }),
    },
  }).createMachine({
    context: ({ input: { text } }) => ({ text, done: 0 }),
    output: ({ context }) => context.done,
    initial: 'sorting',
    states: {
      sorting: taking('sort', 'deciding'),
      deciding: taking('decide', 'acting'),
      acting: taking('act', 'telling'),
      telling: taking('tell', 'told'),
      told: { type: 'final' },
      unsure: { type: 'final', tags: ['degraded'] },
    },
  });
}

/** Steps of a run that goes well. */
export const STEPS = 4;
