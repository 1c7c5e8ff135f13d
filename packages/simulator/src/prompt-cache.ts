import { createHash } from 'node:crypto';
import type { Clock } from '@paceline/resilience';
import type { PromptCache } from './scenario/scenario.ts';
import type { CachedTokens, SimMessage } from './wire/wire.ts';

export const NOTHING_CACHED: CachedTokens = { cachedTokens: 0, cacheWriteTokens: 0 };

/** The prompts that one credential has sent to one model lately. */
export interface PromptStore {
  /** Finds the longest beginning that came before, and keeps all of this prompt for the next. */
  read(messages: readonly SimMessage[]): CachedTokens;
}

/** Beginnings kept; the one unused the longest goes first. */
const MOST_KEPT = 10_000;

/** A beginning is whole messages, as in a conversation that grows. The defaults are OpenAI's minimum and Anthropic's five minutes. */
export function createPromptStore(
  { minTokens = 1_024, keepMs = 300_000 }: PromptCache,
  clock: Clock,
): PromptStore {
  const untilMs = new Map<string, number>();
  const keep = (key: string): void => {
    untilMs.delete(key);
    untilMs.set(key, clock.nowMs() + keepMs);
    const [oldest] = untilMs.keys();
    if (untilMs.size > MOST_KEPT && oldest !== undefined) untilMs.delete(oldest);
  };
  return {
    read(messages) {
      const beginnings = beginningsOf(messages).filter(({ tokens }) => tokens >= minTokens);
      const known = beginnings.findLast(({ key }) => (untilMs.get(key) ?? 0) > clock.nowMs());
      for (const { key } of beginnings) keep(key);
      const cachedTokens = known?.tokens ?? 0;
      return { cachedTokens, cacheWriteTokens: (beginnings.at(-1)?.tokens ?? 0) - cachedTokens };
    },
  };
}

interface Beginning {
  readonly key: string;
  readonly tokens: number;
}

/** The first message, the first two, and so on to the whole prompt. */
function beginningsOf(messages: readonly SimMessage[]): readonly Beginning[] {
  const hash = createHash('sha256');
  let characters = 0;
  return messages.map(({ role, text }) => {
    hash.update(JSON.stringify([role, text]));
    characters += text.length;
    return { key: hash.copy().digest('base64'), tokens: Math.floor(characters / 4) };
  });
}
