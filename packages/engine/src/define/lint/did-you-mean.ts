/** Share of a name that may be mistyped: `triaging` is near `triage`, `done` is not near `act`. */
const NEAR = 0.4;

/** ` Did you mean \`x\`?` for the candidate nearest to what was written; empty if none is near. */
export function didYouMean(written: string, candidates: readonly string[]): string {
  const near = candidates
    .map((candidate) => ({ candidate, edits: editDistance(written, candidate) }))
    .filter(({ candidate: { length }, edits }) => edits < length && edits <= Math.ceil(length * NEAR))
    .toSorted((a, b) => a.edits - b.edits)[0];
  return near === undefined ? '' : ` Did you mean \`${near.candidate}\`?`;
}

/** Levenshtein distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, charA] of [...a].entries()) {
    let diagonal = i;
    const next = [i + 1];
    for (const [j, charB] of [...b].entries()) {
      const above = row[j + 1] ?? 0;
      next.push(Math.min((next[j] ?? 0) + 1, above + 1, diagonal + (charA === charB ? 0 : 1)));
      diagonal = above;
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
