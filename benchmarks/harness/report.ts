export interface BenchmarkOptions {
  /** Interleaved rounds, at least 1. */
  readonly rounds: number;
  /** Shorter samples: enough to see that it runs, too noisy to quote. */
  readonly quick: boolean;
  /** Told after each sample. */
  readonly progress: (line: string) => void;
}

export interface BenchmarkReport {
  /** Whether the target was met. */
  readonly ok: boolean;
  readonly text: string;
  readonly json: object;
}

export type Benchmark = (options: BenchmarkOptions) => Promise<BenchmarkReport>;

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The median of an even number of samples is the mean of the middle two. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** Three significant digits, thousands grouped: `12,893`, `51.5`, `0.0942`. */
export function figure(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

export function spreadText({ median, min, max }: Spread): string {
  return `${figure(median)} (${figure(min)}–${figure(max)})`;
}

/** Columns padded to their widest cell; the first is aligned left, the others right. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
