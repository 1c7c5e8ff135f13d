/**
 * Which items of a `map` have ended, as text that stays short: `0-411,413` means all up to 411, and 413. Items begin in their order, so
 * there are never more gaps than items at work at once.
 */
export type Settled = string;

interface Range {
  readonly first: number;
  readonly last: number;
}

/** @returns `null` if the item had ended before */
export function withSettled(settled: Settled, index: number): Settled | null {
  const ranges = rangesOf(settled);
  if (ranges.some(({ first, last }) => first <= index && index <= last)) return null;
  const before = ranges.filter(({ last }) => last < index);
  const after = ranges.filter(({ first }) => first > index);
  const left = before.at(-1)?.last === index - 1 ? before.pop() : undefined;
  const right = after[0]?.first === index + 1 ? after.shift() : undefined;
  const joined = { first: left?.first ?? index, last: right?.last ?? index };
  return [...before, joined, ...after].map(textOf).join(',');
}

/** The items that have not ended, in their order. */
export function unsettled(settled: Settled, count: number): readonly number[] {
  const ranges = rangesOf(settled);
  const open: number[] = [];
  let next = 0;
  for (const { first, last } of [...ranges, { first: count, last: count }]) {
    for (; next < first; next++) open.push(next);
    next = last + 1;
  }
  return open;
}

function rangesOf(settled: Settled): readonly Range[] {
  if (settled === '') return [];
  return settled.split(',').map((text) => {
    const [first, last = first] = text.split('-');
    return { first: Number(first), last: Number(last) };
  });
}

function textOf({ first, last }: Range): string {
  return first === last ? String(first) : `${first}-${last}`;
}
