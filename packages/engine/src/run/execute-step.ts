import type { Json } from '@paceline/gateway';
import { answerSchema, toolSpecsOf } from '../define/schema.ts';
import type { ExecuteStep } from '../define/step.ts';
import { EngineError } from '../errors.ts';
import { Conversation } from './conversation.ts';
import { needsApproval } from './approval.ts';
import { callModel, promptMessages } from './model-call.ts';
import { orAsk, Parked } from './parked.ts';
import type { StepProgress } from './progress.ts';
import { answerInvalid, REPAIRS } from './repair.ts';
import type { StepRun } from './step-run.ts';
import { callTool } from './tool-call.ts';

const DEFAULT_MAX_TOOL_CALLS = 8;

/**
 * Lets the model call tools until it answers. Every turn and every tool call is recorded before the next action, and the
 * conversation is built from the records alone: a restart repeats no paid turn and no tool that ended. Tool calls of one
 * turn run one after the other, in the model's order.
 * @throws EngineError `TOOL_LIMIT_REACHED`, `ANSWER_INVALID`, or `UNCERTAIN` when a `once` tool was begun and its end is
 *   not recorded
 * @throws Parked for a call that a person has to allow first, and in place of `UNCERTAIN` if a person is to say what became of it
 */
export async function runExecuteStep(step: ExecuteStep, input: unknown, run: StepRun): Promise<unknown> {
  const conversation = new Conversation(promptMessages(step.prompt({ input })), answerSchema(step));
  for (const progress of run.pending.progress) conversation.add(progress);

  const record = async (progress: StepProgress): Promise<void> => {
    await run.record(progress);
    conversation.add(progress);
  };

  for (;;) {
    if (conversation.answer?.ok) return conversation.answer.value;
    if (conversation.answer !== null && conversation.invalidAnswers > REPAIRS) {
      throw answerInvalid(conversation.answer.problem);
    }
    const [call] = conversation.openCalls;
    if (call === undefined) {
      await record(await takeTurn(step, conversation, run));
      run.attempts.length = 0;
      continue;
    }
    const maxToolCalls = step.maxToolCalls ?? DEFAULT_MAX_TOOL_CALLS;
    if (conversation.toolCalls === maxToolCalls) {
      throw new EngineError('TOOL_LIMIT_REACHED', `The model wanted more than ${maxToolCalls} tool calls.`);
    }
    const { toolCalls: toolIndex, inDoubt, approved } = conversation;
    const { id: toolCallId, name: tool } = call;
    if (!inDoubt) {
      if (!approved && needsApproval(step, call)) {
        throw new Parked({ type: 'approval', toolCallId, tool, input: call.input });
      }
      await record({ type: 'tool-start', toolCallId, tool, input: call.input });
    }
    const ended = await callTool(step, { call, toolIndex, inDoubt }, run).catch((error: unknown) => {
      throw orAsk(error, step, { toolCallId, tool });
    });
    await record(ended);
  }
}

async function takeTurn(
  step: ExecuteStep,
  { messages, turns }: Conversation,
  run: StepRun,
): Promise<StepProgress> {
  const question = {
    messages: [...messages],
    answer: answerSchema(step).format,
    tools: toolSpecsOf(step),
    turn: turns,
  };
  const { text, toolCalls } = await callModel(step, question, run);
  const message = { role: 'assistant', text, ...(toolCalls.length > 0 && { toolCalls }) };
  return { type: 'turn', message: message as unknown as Json, attempts: [...run.attempts] };
}
