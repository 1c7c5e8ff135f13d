/** A sentence that offers the nearest known name, or lists them all. */
export function didYouMean(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, candidate.length / 3))
    .toSorted((a, b) => a.distance - b.distance);
  const all = `Known: ${known.join(', ')}.`;
  return nearest === undefined ? all : `Did you mean ${nearest.candidate}? ${all}`;
}

/** Levenshtein's, row by row. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (let at = 1; at <= b.length; at++) {
      const swap = (previous[at - 1] ?? 0) + (letter === b[at - 1] ? 0 : 1);
      current.push(Math.min(swap, (previous[at] ?? 0) + 1, (current[at - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
