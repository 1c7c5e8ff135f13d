import { topicScore } from './topics.ts';

export interface Choice {
  readonly label: string;
  /** 0 to 1: how clearly the text speaks for this label and for no other. */
  readonly confidence: number;
}

/** Labels that mean "none of the others", or "nothing special". */
const FALLBACK =
  /^(other|others|unknown|general|none|misc|miscellaneous|unclear|unsure|normal|medium|default)$/i;

/** What a word of the label itself counts when the text contains it. */
const OWN_WORD = 2;

const UNSURE = 0.35;

/** Labels beyond these are never chosen: each costs a look at the whole text. */
const MAX_LABELS = 200;

/**
 * Chooses by keywords alone: words of the label and the phrases of its topic. It reads the text, it never obeys it.
 * Without any hit: the label called other, unknown, general and the like, or else the last. `options` is not empty.
 */
export function chooseLabel(options: readonly string[], text: string): Choice {
  const labels = options.slice(0, MAX_LABELS);
  const scores = scoresOf(labels, text);
  const best = Math.max(...scores);
  if (best === 0) {
    const label = labels.find((candidate) => FALLBACK.test(candidate)) ?? labels.at(-1) ?? '';
    return { label, confidence: UNSURE };
  }
  const at = scores.indexOf(best);
  const second = Math.max(0, ...scores.filter((_, index) => index !== at));
  const confidence = 0.5 + (0.48 * (best - second)) / (best + 0.5);
  return { label: labels[at] ?? '', confidence: Math.round(confidence * 100) / 100 };
}

/** How much of the text speaks for each name (a label, or a tool called `issueRefund`). */
export function scoresOf(names: readonly string[], text: string): readonly number[] {
  const named = names.map((name) => (FALLBACK.test(name) ? [] : wordsOf(name)));
  const read = withoutList(named, text.toLowerCase());
  return named.map(
    (words) => topicScore(read, words) + OWN_WORD * words.filter((word) => mentions(read, word)).length,
  );
}

/** A text that names every choice lists them, and that says nothing: each is taken out once. */
function withoutList(named: readonly (readonly string[])[], text: string): string {
  const words = named.flat();
  if (named.length < 2 || !words.every((word) => mentions(text, word))) return text;
  return words.reduce((rest, word) => rest.replace(word, ' '), text);
}

/** Nobody names a thing in more words. */
const MAX_WORDS = 12;

/** `issueRefund`, `issue_refund` and `Issue refund` all give issue and refund. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 2)
    .slice(0, MAX_WORDS);
}

/** Whether a word of the text begins with it. */
function mentions(lowerCaseText: string, word: string): boolean {
  for (let at = lowerCaseText.indexOf(word); at !== -1; at = lowerCaseText.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(lowerCaseText.charAt(at - 1))) return true;
  }
  return false;
}
