import { code, execute, reason, setupWorkflow, tool } from 'paceline';
import { z } from 'zod';
import type { Workflow } from 'paceline';
import type { Placing } from './paths.ts';

const TEXT = z.object({ text: z.string() });

const given = ({ context: { text } }: { context: { text: string } }) => ({ text });

const taking = <Step extends string, Target extends string>(src: Step, target: Target) => ({
  invoke: { id: src, src, input: given, onDone: target, onError: 'failed' as const },
});

/** Asks a model, lets one act with a tool, runs code, waits for a signal: each does with its text what the case says. */
export function workflowOf(placing: Placing): Workflow<{ text: string }, { text: string }> {
  const { prompt = 'Well?', toolResult = 'seen', toolError, codeOutput = 'done', codeError } = placing;
  return setupWorkflow({
    id: 'canary',
    input: TEXT,
    output: TEXT,
    context: TEXT,
    budget: { totalMs: 60_000 },
    signals: { go: TEXT },
    steps: {
      ask: reason({ input: TEXT, output: TEXT, prompt: () => prompt }),
      act: execute({
        input: TEXT,
        output: TEXT,
        prompt: () => 'Look.',
        tools: {
          look: tool({
            description: 'Looks.',
            input: TEXT,
            effect: 'pure',
            run: () => {
              if (toolError !== undefined) throw new Error(toolError);
              return toolResult;
            },
          }),
        },
      }),
      work: code({
        input: TEXT,
        output: TEXT,
        effect: 'pure',
        run: () => {
          if (codeError !== undefined) throw codeError;
          return { text: codeOutput };
        },
      }),
    },
  }).createMachine({
    context: ({ input: { text } }) => ({ text }),
    output: ({ context }) => context,
    initial: 'asking',
    states: {
      asking: taking('ask', 'acting'),
      acting: taking('act', 'working'),
      working: taking('work', 'waiting'),
      waiting: { on: { go: 'done' }, after: { 30_000: 'done' } },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['failed'] },
    },
  });
}
