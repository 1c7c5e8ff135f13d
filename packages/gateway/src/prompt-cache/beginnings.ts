import { createHash } from 'node:crypto';
import type { ModelRequest } from '../request.ts';

/** The prompt from its start to the end of one of its messages: what a provider may keep for the next request that begins alike. */
export interface Beginning {
  /** The same for prompts that begin alike: SHA-256 of the tools, the form of the answer and the messages so far. */
  readonly key: string;
  /** About how long it is. */
  readonly tokens: number;
  /** The message it ends with; -1: the tools, which come before all messages. */
  readonly message: number;
}

export type PromptParts = Pick<ModelRequest, 'messages' | 'tools' | 'answer'>;

/** About four bytes of ordinary text make a token. */
const BYTES_PER_TOKEN = 4;

/** Every beginning of a prompt, the shortest first. An empty message ends none: nothing can be marked there. */
export function beginningsOf({ messages, tools = [], answer }: PromptParts): readonly Beginning[] {
  const hash = createHash('sha256').update(JSON.stringify([tools, answer]));
  let bytes = tools.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(tools));
  const upTo = (message: number): Beginning => ({
    key: hash.copy().digest('base64url'),
    tokens: Math.ceil(bytes / BYTES_PER_TOKEN),
    message,
  });
  const beginnings = tools.length === 0 ? [] : [upTo(-1)];
  for (const [at, message] of messages.entries()) {
    const text = JSON.stringify(message);
    hash.update(text);
    bytes += Buffer.byteLength(text);
    if (message.role === 'tool' || message.text !== '') beginnings.push(upTo(at));
  }
  return beginnings;
}

/** What all prompts of a step have in common: the tools and the messages of the system; undefined if it has neither. */
export function headOf({ messages }: PromptParts, beginnings: readonly Beginning[]): Beginning | undefined {
  const first = messages.findIndex(({ role }) => role !== 'system');
  const end = first === -1 ? messages.length : first;
  return beginnings.findLast(({ message }) => message < end);
}
