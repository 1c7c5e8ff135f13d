import type { Json, Message, ToolCall } from '@paceline/gateway';
import type { AnswerSchema, Checked } from '../define/schema.ts';
import type { StepProgress } from './progress.ts';
import { repairMessage } from './repair.ts';

type AssistantMessage = Message & { readonly role: 'assistant' };

/**
 * What an execute step and its model have said and done so far. It grows by recorded progress only, so a step that is
 * resumed stands where it stood.
 */
export class Conversation {
  readonly messages: Message[];
  /** Model calls made. */
  turns = 0;
  /** Tool calls that have ended; the index of the next one. */
  toolCalls = 0;
  /** Of the last turn, not ended yet, oldest first. */
  readonly openCalls: ToolCall[] = [];
  /** The first open call was begun, and its end is not recorded. */
  inDoubt = false;
  /** A person has allowed the first open call. */
  approved = false;
  /** The last answer, valid or not; `null` while the model still calls tools. */
  answer: Checked | null = null;
  invalidAnswers = 0;
  private readonly parse: AnswerSchema['parse'];

  constructor(opening: readonly Message[], { parse }: Pick<AnswerSchema, 'parse'>) {
    this.messages = [...opening];
    this.parse = parse;
  }

  add(progress: StepProgress): void {
    switch (progress.type) {
      case 'turn':
        return this.addTurn(progress.message as unknown as AssistantMessage);
      case 'tool-start':
        this.inDoubt = true;
        return;
      case 'tool-end':
        return this.addToolResult(progress.result, progress.isError);
      case 'approval':
        this.approved = progress.approved;
        if (!progress.approved) this.addToolResult(refusal(progress.reason), true);
        return;
    }
  }

  private addTurn(message: AssistantMessage): void {
    this.turns++;
    this.messages.push(message);
    this.openCalls.push(...(message.toolCalls ?? []));
    if (this.openCalls.length > 0) return;
    this.answer = this.parse(message.text);
    if (this.answer.ok) return;
    this.invalidAnswers++;
    this.messages.push(repairMessage(this.answer.problem));
  }

  private addToolResult(result: Json, isError: boolean): void {
    const call = this.openCalls.shift();
    if (call === undefined) return;
    this.inDoubt = false;
    this.approved = false;
    this.toolCalls++;
    this.messages.push({ role: 'tool', toolCallId: call.id, toolName: call.name, result, isError });
  }
}

/** What the model is shown of a call that was not allowed. */
function refusal(reason: string | undefined): string {
  const why = reason === undefined ? 'No reason was given.' : `The reason: ${reason}`;
  return `A person refused this call, so it was not made. ${why}`;
}
