import type { ModelResult } from '@paceline/gateway';
import { z } from 'zod';
import type { ExecuteStep, Tool } from '../define/step.ts';
import { execute, tool } from '../define/steps.ts';
import type { Engine } from '../engine.ts';
import type { EngineEvent, EngineEvents } from '../events.ts';

/** An execute step with these tools, whose prompt is its input. */
export function acting(tools: Record<string, Tool>, policy: Partial<ExecuteStep> = {}): ExecuteStep {
  return execute({
    input: z.object({ text: z.string() }),
    output: z.object({ receipt: z.string() }),
    prompt: ({ input }) => (input as { text: string }).text,
    ...policy,
    tools,
  }) as ExecuteStep;
}

/** Pays, and keeps the books. */
export function payingTool(paid: number[], parts: Partial<Tool> = {}): Tool {
  const pay = tool({
    description: 'Pays back.',
    input: z.object({ amount: z.number() }),
    effect: 'once',
    run: ({ input }) => {
      paid.push(input.amount);
      return { paid: input.amount };
    },
  });
  return { ...(pay as Tool), ...parts };
}

/** A turn in which the model wants to call tools. The ids differ from turn to turn. */
export function wanting(
  ...calls: readonly [id: string, name: string, input: unknown][]
): Partial<ModelResult> {
  return {
    finishReason: 'tool-calls',
    toolCalls: calls.map(([id, name, input]) => ({ id, name, input: input as null })),
  };
}

/** The next event of a type. */
export function heard<Type extends EngineEvent['type']>(
  { events }: Pick<Engine, 'events'>,
  type: Type,
): Promise<EngineEvents[Type][0]> {
  return new Promise((resolve) => {
    events.once(type, ((event: EngineEvents[Type][0]) => resolve(event)) as never);
  });
}
