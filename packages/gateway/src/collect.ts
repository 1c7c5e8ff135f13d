import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { isRecord } from './provider-error.ts';
import type { Json, ToolCall } from './request.ts';
import type { TokenLogprob } from './result.ts';

/** What an adapter's stream has brought so far. It outlives a failure, so that a cut answer can be booked. */
export interface Collected {
  text: string;
  /** Reasoning and tool input, counted for estimates only. */
  hidden: string;
  readonly toolCalls: ToolCall[];
  logprobs: readonly TokenLogprob[] | null;
  usage: LanguageModelV4Usage | null;
  /** `null` until the adapter says that the answer is over. */
  finish: LanguageModelV4FinishReason | null;
}

export function nothingCollected(): Collected {
  return { text: '', hidden: '', toolCalls: [], logprobs: null, usage: null, finish: null };
}

export interface CollectHooks {
  readonly signal: AbortSignal;
  /** Something arrived that is not empty: text or tool input, or reasoning, which is a thought and no answer yet. */
  readonly onContent: (piece: 'answer' | 'thought') => void;
  readonly onText?: ((text: string) => void) | undefined;
}

/**
 * Reads an adapter's stream to its end.
 * @throws whatever an `error` part carries, `signal.reason` as soon as it aborts, or MalformedToolInput
 */
export async function collect(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  into: Collected,
  hooks: CollectHooks,
): Promise<void> {
  const { signal } = hooks;
  const reader = stream.getReader();
  // Ends a pending read at once, even if the model never looks at its signal; costs nothing per part.
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      take(value, into, hooks);
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function take(part: LanguageModelV4StreamPart, into: Collected, { onContent, onText }: CollectHooks): void {
  switch (part.type) {
    case 'text-delta':
      if (part.delta === '') return;
      into.text += part.delta;
      onContent('answer');
      return onText?.(part.delta);
    case 'reasoning-delta':
    case 'tool-input-delta':
      if (part.delta === '') return;
      into.hidden += part.delta;
      return onContent(part.type === 'reasoning-delta' ? 'thought' : 'answer');
    case 'tool-call':
      into.toolCalls.push({ id: part.toolCallId, name: part.toolName, input: toolInput(part.input) });
      return onContent('answer');
    case 'finish':
      into.finish = part.finishReason;
      into.usage = part.usage;
      into.logprobs = logprobsIn(part.providerMetadata);
      return;
    case 'error':
      throw part.error;
  }
}

const LARGEST_TOOL_INPUT = 1024 * 1024;
const DEEPEST_TOOL_INPUT = 64;

/** The arguments a model wrote for a tool are no JSON, or are larger (1 MB) or deeper (64) than any tool wants. */
class MalformedToolInput extends Error {
  override readonly name = 'MalformedToolInput';
}

function toolInput(text: string): Json {
  if (text.trim() === '') return {};
  if (text.length > LARGEST_TOOL_INPUT) throw new MalformedToolInput('Tool input is larger than 1 MB.');
  let input: Json;
  try {
    input = JSON.parse(text) as Json;
  } catch {
    throw new MalformedToolInput('Tool input is not JSON.');
  }
  if (!within(DEEPEST_TOOL_INPUT, input)) throw new MalformedToolInput('Tool input is nested too deeply.');
  return input;
}

function within(levels: number, value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each: Json) => within(levels - 1, each));
}

/** OpenAI's adapter hands them over under its own name. */
function logprobsIn(metadata: unknown): readonly TokenLogprob[] | null {
  const openai = isRecord(metadata) && isRecord(metadata.openai) ? metadata.openai : undefined;
  if (!Array.isArray(openai?.logprobs)) return null;
  return openai.logprobs
    .filter(isRecord)
    .flatMap(({ token, logprob }) =>
      typeof token === 'string' && typeof logprob === 'number' ? [{ token, logprob }] : [],
    );
}
