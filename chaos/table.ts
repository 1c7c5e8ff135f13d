/** Lines in which the cells of each column begin below each other. Every row is as long as the first. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A share from 0 to 1, in percent. */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
