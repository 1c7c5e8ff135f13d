import { randomId } from '@paceline/resilience';
import { NOTHING_CACHED } from '../wire/wire.ts';
import type { Random } from '@paceline/resilience';
import type { Json } from '../json.ts';
import type { Answer, Finish, Part, SimRequest, Token } from '../wire/wire.ts';

/** An answer before it is cut into tokens. */
export interface Draft {
  readonly parts: readonly DraftPart[];
  readonly finish: Finish;
}

export type DraftPart =
  | { readonly type: 'text'; readonly text: string; readonly sure: readonly Sureness[] }
  | { readonly type: 'tool-call'; readonly name: string; readonly input: Json };

/** How sure the simulated model is of one string in its JSON. */
export interface Sureness {
  readonly value: string;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Providers count about four characters of English to a token; so do we, for prompts and answers. */
const CHARS_PER_TOKEN = 4;

/** What nearly every token of a settled answer has. */
const SURE_LOGPROB = -0.0001;

/**
 * Cuts a draft into tokens and stream deltas of 3 to 6 tokens, and counts usage. At the request's token limit text ends
 * in the middle; a tool call that does not fit is left out.
 */
export function writeAnswer(draft: Draft, request: SimRequest, random: Random): Answer {
  const id = randomId(random, 'sim').replace('_', '');
  const parts: Part[] = [];
  let left = request.maxTokens ?? Number.POSITIVE_INFINITY;
  for (const part of draft.parts) {
    const tokens = tokensOf(part);
    const room = Math.max(0, left);
    left -= tokens.length;
    const deltas = intoDeltas(tokens.slice(0, room), random);
    if (part.type === 'text') parts.push({ type: 'text', deltas });
    else if (left >= 0) parts.push({ ...part, id: `${id}${parts.length}`, deltas });
  }
  const finish = left < 0 ? 'length' : draft.finish;
  const outputTokens = parts.flatMap(({ deltas }) => deltas).reduce((sum, delta) => sum + delta.length, 0);
  const usage = { inputTokens: promptTokens(request), outputTokens, ...NOTHING_CACHED };
  return { id, request, parts, finish, usage };
}

function tokensOf(part: DraftPart): readonly Token[] {
  return part.type === 'text' ? tokenize(part.text, part.sure) : tokenize(JSON.stringify(part.input), []);
}

/**
 * Pieces of up to four characters. A sure value's first token carries its confidence, so that the log probabilities of
 * its tokens add up to it.
 */
function tokenize(text: string, sure: readonly Sureness[]): readonly Token[] {
  const starts = new Map<number, number>();
  let from = 0;
  for (const { value, confidence } of sure) {
    const quote = text.indexOf(JSON.stringify(value), from);
    if (quote === -1) continue;
    starts.set(quote + 1, Math.log(confidence));
    from = quote + value.length;
  }
  const tokens: Token[] = [];
  let token = '';
  let logprob = SURE_LOGPROB;
  const flush = (): void => {
    if (token !== '') tokens.push({ text: token, logprob });
    token = '';
    logprob = SURE_LOGPROB;
  };
  let at = 0;
  let count = 0;
  for (const character of text) {
    const start = starts.get(at);
    if (start !== undefined || count === CHARS_PER_TOKEN) {
      flush();
      count = 0;
    }
    if (start !== undefined) logprob = start;
    token += character;
    count++;
    at += character.length;
  }
  flush();
  return tokens;
}

function intoDeltas(tokens: readonly Token[], random: Random): readonly (readonly Token[])[] {
  const deltas: (readonly Token[])[] = [];
  for (let at = 0; at < tokens.length;) {
    const size = 3 + Math.floor(random.next() * 4);
    deltas.push(tokens.slice(at, at + size));
    at += size;
  }
  return deltas;
}

function promptTokens({ messages, tools, answer }: SimRequest): number {
  const text = messages.reduce((sum, message) => sum + message.text.length, 0);
  const schemas = JSON.stringify([tools, answer]).length;
  return Math.ceil((text + schemas) / CHARS_PER_TOKEN);
}
