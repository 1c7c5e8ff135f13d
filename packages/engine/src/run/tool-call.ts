import type { ToolCall } from '@paceline/gateway';
import { remainingMs } from '@paceline/resilience';
import { check } from '../define/schema.ts';
import type { ExecuteStep } from '../define/step.ts';
import { EngineError, isEngineError } from '../errors.ts';
import { runBody } from './body.ts';
import { messageOf } from './failure.ts';
import { toJson } from './json.ts';
import type { StepProgress } from './progress.ts';
import type { StepRun } from './step-run.ts';

export interface WantedCall {
  readonly call: ToolCall;
  /** Counts the tool calls of the visit from 0. */
  readonly toolIndex: number;
  /** It was begun before, by an owner that did not record its end. */
  readonly inDoubt: boolean;
}

type ToolEnd = Extract<StepProgress, { readonly type: 'tool-end' }>;

/**
 * Makes one tool call. What the model did wrong (a name or arguments that do not exist) and what a tool throws is a
 * result that the model is shown; it may do better in its next turn.
 * @throws EngineError `UNCERTAIN` for a `once` tool in doubt or cut off, and whatever stopped the step itself
 */
export async function callTool(
  step: ExecuteStep,
  { call, toolIndex, inDoubt }: WantedCall,
  run: StepRun,
): Promise<ToolEnd> {
  const ended = (result: unknown, isError = false): ToolEnd => ({
    type: 'tool-end',
    toolCallId: call.id,
    tool: call.name,
    result: toJson(result),
    isError,
  });

  const tool = Object.hasOwn(step.tools, call.name) ? step.tools[call.name] : undefined;
  if (tool === undefined) {
    return ended(`There is no tool "${call.name}", only: ${Object.keys(step.tools).join(', ')}.`, true);
  }
  if (inDoubt && tool.effect === 'once') {
    throw new EngineError(
      'UNCERTAIN',
      `Tool \`${call.name}\` was begun and its end is not known; it is not run again.`,
    );
  }
  const input = check(tool.input, call.input);
  if (!input.ok) return ended(`The arguments do not fit: ${input.problem}`, true);

  const { effect, attempts, toolMs: limitMs } = tool;
  const body = { name: call.name, effect, attempts, limitMs, toolIndex };
  try {
    return ended(await runBody({ ...body, run: (args) => tool.run(args) }, input.value, run));
  } catch (error) {
    if (stopsTheStep(error, run)) throw error;
    return ended(messageOf(error), true);
  }
}

/** Not the tool's own failure: nobody waits any more, the time is up, or a `once` tool is in doubt. */
function stopsTheStep(error: unknown, { stop, deadline, context }: StepRun): boolean {
  if (stop.reason !== undefined || remainingMs(deadline, context.clock) === 0) return true;
  return isEngineError(error) && error.code === 'UNCERTAIN';
}
