import type { ModelRequest } from '../request.ts';
import type { ModelInfo } from './model-info.ts';

/** What a model cannot do of what a request needs. */
export type Lack =
  | 'context-too-small'
  | 'output-too-small'
  | 'no-tools'
  | 'no-structured-output'
  | 'not-for-text';

export const LACKS: ReadonlySet<Lack> = new Set([
  'context-too-small',
  'output-too-small',
  'no-tools',
  'no-structured-output',
  'not-for-text',
]);

/** What a request asks of a model. */
export interface Need {
  /** About how long the prompt is. */
  readonly promptTokens: number;
  /** It has no fewer, however well they are put. */
  readonly leastPromptTokens: () => number;
  readonly maxOutputTokens: number | null;
  readonly tools: boolean;
  /** The provider is sent a JSON schema for the answer. */
  readonly schema: boolean;
}

/**
 * Characters that a token may stand for in text of any language: twice what English has on average. A text of fewer tokens than this
 * gives (one letter repeated, say) is not one that anybody sends.
 */
const MOST_CHARS_PER_TOKEN = 8;

export function needOf(request: ModelRequest, promptTokens: number): Need {
  const { messages, tools = [], answer, maxOutputTokens = null } = request;
  const leastPromptTokens = (): number => {
    const text = messages.map((message) =>
      message.role === 'tool' ? JSON.stringify(message.result) : message.text,
    );
    const chars = text.reduce((sum, each) => sum + each.length, 0);
    return Math.ceil(chars / MOST_CHARS_PER_TOKEN);
  };
  return {
    promptTokens,
    leastPromptTokens,
    maxOutputTokens,
    tools: tools.length > 0,
    schema: answer.type === 'json',
  };
}

/**
 * Why a model certainly cannot serve a request, by what is known of it; `null`: it can, or nobody knows that it cannot.
 * @param info `null` for a model that the catalog does not know
 */
export function lackOf(need: Need, info: ModelInfo | null): Lack | null {
  if (info === null) return null;
  const { contextTokens, maxOutputTokens, inputs, outputs, tools, structuredOutput } = info;
  if (inputs?.value.includes('text') === false || outputs?.value.includes('text') === false)
    return 'not-for-text';
  if (need.tools && tools?.value === false) return 'no-tools';
  if (need.schema && structuredOutput?.value === false) return 'no-structured-output';
  if (
    need.maxOutputTokens !== null &&
    maxOutputTokens !== null &&
    need.maxOutputTokens > maxOutputTokens.value
  )
    return 'output-too-small';
  if (contextTokens === null || need.promptTokens <= contextTokens.value) return null;
  return need.leastPromptTokens() > contextTokens.value ? 'context-too-small' : null;
}

/** The same for people: what the model has, and what the request asks for. */
export function tellLack(lack: Lack, need: Need, info: ModelInfo): string {
  switch (lack) {
    case 'context-too-small':
      return `its context window is ${info.contextTokens?.value} tokens and the prompt has at least ${need.leastPromptTokens()}`;
    case 'output-too-small':
      return `it writes at most ${info.maxOutputTokens?.value} tokens and ${need.maxOutputTokens} are asked for`;
    case 'no-tools':
      return 'it calls no tools';
    case 'no-structured-output':
      return 'it takes no schema for its answer';
    case 'not-for-text':
      return 'it does not answer text in text';
  }
}

/** Whether it is known of a model that it can serve a request. */
export function isKnownToServe(need: Need, info: ModelInfo): boolean {
  const { contextTokens, maxOutputTokens, tools, structuredOutput, deprecated } = info;
  return (
    lackOf(need, info) === null &&
    deprecated?.value !== true &&
    (contextTokens?.value ?? 0) >= need.promptTokens &&
    (need.maxOutputTokens === null || (maxOutputTokens?.value ?? 0) >= need.maxOutputTokens) &&
    (!need.tools || tools?.value === true) &&
    (!need.schema || structuredOutput?.value === true)
  );
}
