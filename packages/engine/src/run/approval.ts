import type { ToolCall } from '@paceline/gateway';
import { check } from '../define/schema.ts';
import type { ExecuteStep, Tool } from '../define/step.ts';

/**
 * Whether a person has to allow a call before it is made. One that cannot be made as it stands (there is no such tool, the arguments do not fit)
 * needs nobody: the model is shown its mistake.
 */
export function needsApproval({ tools }: ExecuteStep, call: ToolCall): boolean {
  const tool = Object.hasOwn(tools, call.name) ? tools[call.name] : undefined;
  if (tool?.approval === undefined) return false;
  const input = check(tool.input, call.input);
  return input.ok && asksFor(tool, input.value);
}

/** Only a clear no is a no: a policy that throws, or says nothing, asks. */
function asksFor(tool: Tool, input: unknown): boolean {
  if (typeof tool.approval !== 'function') return true;
  try {
    return tool.approval({ input }) !== false;
  } catch {
    return true;
  }
}
