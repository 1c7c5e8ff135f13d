import { expectedUsage } from '../meter/usage.ts';
import type { Pricer } from '../meter/price.ts';
import type { ModelRequest, Message } from '../request.ts';

/**
 * The limit that is sent with a request which has none and is on a cap: without one there is no most that it can cost. Enough for a long
 * answer and its thoughts.
 */
export const ASSUMED_OUTPUT_TOKENS = 8_192;

/** What a provider's template adds around a message: role, markers, separators. Published ones are of 3 to 10 tokens. */
const TOKENS_PER_MESSAGE = 16;

/**
 * What a provider adds to the prompt itself. For tools and structured output it writes instructions of its own: Anthropic documents up to 804 tokens
 * for a tool prompt (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview), other prompts begin with a line or two.
 */
const HIDDEN_TOKENS = 256;
const HIDDEN_TOOL_TOKENS = 1_024;

/**
 * The most tokens a prompt can have: one for each byte. Byte-level BPE and SentencePiece with byte fallback, which all known providers use, make
 * no token of less than a byte of UTF-8.
 */
export function mostPromptTokens({ messages, tools = [], answer }: ModelRequest): number {
  const schema = answer.type === 'json' ? bytesIn(answer) : 0;
  const hasForm = tools.length > 0 || answer.type === 'json';
  return (
    messages.reduce((sum, message) => sum + bytesOf(message) + TOKENS_PER_MESSAGE, 0) +
    (tools.length === 0 ? 0 : bytesIn(tools)) +
    schema +
    (hasForm ? HIDDEN_TOOL_TOKENS : HIDDEN_TOKENS)
  );
}

/** A text is measured as the model reads it; calls and results, in JSON. */
function bytesOf(message: Message): number {
  if (message.role === 'tool' || (message.role === 'assistant' && message.toolCalls !== undefined))
    return bytesIn(message);
  return Buffer.byteLength(message.text);
}

function bytesIn(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** An attempt that is to be priced before it is made. */
export interface Prospect {
  /** At most. */
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** The provider may be asked to keep the prompt for an hour, which costs more than for five minutes. */
  readonly keptForAnHour: boolean;
  /** Prices change by date and time of day: the attempt ends somewhere between. */
  readonly fromEpochMs: number;
  readonly untilEpochMs: number;
}

/**
 * The most an attempt can cost at a target's price, in US dollars: the whole prompt at the dearest rate there is for it (uncached, or written to the
 * provider's cache) and in the context tier it may reach, the whole output, and the dearer of the two ends of its time.
 * @returns `null`: the price is unknown
 */
export function worstUsd(price: Pricer, prospect: Prospect): number | null {
  const { promptTokens, outputTokens, keptForAnHour, fromEpochMs, untilEpochMs } = prospect;
  const uncached = expectedUsage({ inputTokens: promptTokens, outputTokens });
  const written = { ...uncached, cacheWriteTokens: promptTokens };
  const kept = keptForAnHour ? { ...written, more: { cache_write_1h_tokens: promptTokens } } : written;
  const usages = [uncached, written, kept];
  const costs = usages.map((usage) => ({ usage, usd: price(usage, fromEpochMs).usd }));
  const [plain] = costs;
  if (plain === undefined || plain.usd === null) return null;
  const dearest = costs.reduce((most, each) => ((each.usd ?? 0) > (most.usd ?? 0) ? each : most), plain);
  return Math.max(dearest.usd ?? 0, price(dearest.usage, untilEpochMs).usd ?? 0);
}
