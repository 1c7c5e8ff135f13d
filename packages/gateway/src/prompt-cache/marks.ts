import { headOf } from './beginnings.ts';
import type { Beginning, PromptParts } from './beginnings.ts';
import type { KnownBeginning } from './memory.ts';

export interface MarkBasis {
  /** Shorter beginnings are not kept by the model. */
  readonly leastTokens: number;
  /** The caller wants the prompt kept, likely to come again or not. */
  readonly asked: boolean;
  /** The longest beginning that was answered lately. */
  readonly known: KnownBeginning | undefined;
}

/**
 * Where a prompt is marked to be kept: writing a beginning costs a quarter more than sending it, reading it a tenth, so only what is
 * likely to come again. The head, if the request offers tools (turns follow) or the caller asks for it; the beginning that came before; and the
 * whole prompt, if the conversation goes on: it offers tools, or continues one that was answered before. Pure; at most three, of the four that Anthropic
 * takes.
 */
export function marksFor(
  prompt: PromptParts,
  beginnings: readonly Beginning[],
  { leastTokens, asked, known }: MarkBasis,
): readonly Beginning[] {
  const turns = (prompt.tools ?? []).length > 0;
  const wanted = [
    turns || asked ? headOf(prompt, beginnings) : undefined,
    known,
    turns || known?.whole === true ? beginnings.at(-1) : undefined,
  ];
  const marked = new Set(wanted.map((each) => each?.message));
  return beginnings.filter(({ message, tokens }) => marked.has(message) && tokens >= leastTokens);
}
