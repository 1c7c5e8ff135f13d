import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import type { WorkflowDefinition } from '../define/workflow.ts';
import { isEngineError } from '../errors.ts';

export const text = z.object({ text: z.string() });
export const prompt = () => 'Do it.';
export const lookUp = code({ input: text, output: text, effect: 'pure', run: ({ input }) => input });

export const definition: WorkflowDefinition = {
  id: 'support',
  input: text,
  output: text,
  context: z.object({ text: z.string() }),
  budget: { totalMs: 1_000 },
  steps: { ask: lookUp, act: lookUp },
};

export const done = { type: 'final' };
export const handoff = { type: 'final', tags: ['degraded'] };
export const ends = { done, handoff };
export const ask = { id: 'ask', src: 'ask', input: { text: '' }, onDone: 'done', onError: 'handoff' };

/** The problems of a machine; none if it is accepted. */
export function problemsOf(
  states: object,
  { root = {}, ...parts }: { root?: object } & Partial<WorkflowDefinition> = {},
) {
  const config = { initial: 'a', context: { text: '' }, output: { text: '' }, states, ...root };
  try {
    setupWorkflow({ ...definition, ...parts }).createMachine(config as never);
    return [];
  } catch (error) {
    if (!isEngineError(error) || error.code !== 'WORKFLOW_INVALID') throw error;
    return error.message.split('\n  - ').slice(1);
  }
}
