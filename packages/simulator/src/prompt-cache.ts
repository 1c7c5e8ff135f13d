import { createHash } from 'node:crypto';
import type { Clock } from '@paceline/resilience';
import type { PromptCache } from './scenario/scenario.ts';
import type { CachedTokens, SimMessage, SimRequest, WireCodec } from './wire/wire.ts';

/** The prompts that one credential has sent to one model lately. */
export interface PromptStore {
  /** Finds the longest beginning that is kept, and keeps of this prompt for the next what the provider would: all of it, or what it is asked to. */
  read(request: PromptParts, caching: WireCodec['promptCaching']): CachedTokens;
}

type PromptParts = Pick<SimRequest, 'messages' | 'tools'>;

/** Beginnings kept; the one unused the longest goes first. */
const MOST_KEPT = 10_000;

const HOUR_MS = 3_600_000;

interface Entry {
  readonly forMs: number;
  readonly untilMs: number;
}

/** A beginning is whole messages, as in a conversation that grows. The defaults are OpenAI's minimum and Anthropic's five minutes. */
export function createPromptStore(
  { minTokens = 1_024, keepMs = 300_000 }: PromptCache,
  clock: Clock,
): PromptStore {
  const entries = new Map<string, Entry>();
  const kept = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    return entry !== undefined && entry.untilMs > clock.nowMs() ? entry : undefined;
  };
  /** Anew, or for as long again as it is kept already. */
  const keep = (key: string, askedMs: number): void => {
    const forMs = Math.max(askedMs, kept(key)?.forMs ?? 0);
    entries.delete(key);
    entries.set(key, { forMs, untilMs: clock.nowMs() + forMs });
    const [oldest] = entries.keys();
    if (entries.size > MOST_KEPT && oldest !== undefined) entries.delete(oldest);
  };
  return {
    read(request, caching) {
      const beginnings = beginningsOf(request).filter(({ tokens }) => tokens >= minTokens);
      const asked = beginnings.filter(({ keepFor }) => caching === 'automatic' || keepFor !== undefined);
      const lastTokens = asked.at(-1)?.tokens ?? 0;
      // Nothing is looked up beyond the last mark.
      const known = beginnings.findLast(({ key, tokens }) => tokens <= lastTokens && kept(key) !== undefined);
      // Reading it renews it.
      if (known !== undefined) keep(known.key, 0);
      for (const { key, keepFor } of asked) keep(key, keepFor === '1h' ? HOUR_MS : keepMs);
      const cachedTokens = known?.tokens ?? 0;
      return {
        cachedTokens,
        cacheWriteTokens: lastTokens - cachedTokens,
        hourWriteTokens: hourTokens(asked, cachedTokens),
      };
    },
  };
}

/** Each piece up to a mark is kept for as long as that mark says. */
function hourTokens(asked: readonly Beginning[], fromTokens: number): number {
  let from = fromTokens;
  let sum = 0;
  for (const { tokens, keepFor } of asked) {
    if (keepFor === '1h') sum += Math.max(0, tokens - from);
    from = Math.max(from, tokens);
  }
  return sum;
}

interface Beginning {
  readonly key: string;
  readonly tokens: number;
  readonly keepFor: SimMessage['keepFor'];
}

/** The first message with the tools before it, the first two, and so on to the whole prompt. */
function beginningsOf({ messages, tools }: PromptParts): readonly Beginning[] {
  const offered = tools.length === 0 ? '' : JSON.stringify(tools);
  const hash = createHash('sha256').update(offered);
  let characters = offered.length;
  return messages.map(({ role, text, keepFor }) => {
    hash.update(JSON.stringify([role, text]));
    characters += text.length;
    return { key: hash.copy().digest('base64'), tokens: Math.floor(characters / 4), keepFor };
  });
}
