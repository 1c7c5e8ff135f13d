import { table } from '../table.ts';

export interface CanaryReport {
  /** Worlds with a known secret in them, and calls of the command. */
  readonly cases: number;
  /** By where they came out. */
  readonly scannedBytes: Readonly<Record<string, number>>;
  /** `path, form, secret: outlet`, one for each outlet that holds a secret. */
  readonly hits: readonly string[];
  /** Cases whose provider was sent the secret, as it has to be. */
  readonly heard: number;
  /** Input paths of which not even harmless text comes out, though it should. */
  readonly silentPaths: readonly string[];
}

/** What fell short, one line each; none: all held. */
export function shortfalls({
  cases,
  scannedBytes,
  hits,
  heard,
  silentPaths,
}: CanaryReport): readonly string[] {
  const empty = Object.entries(scannedBytes).filter(([, bytes]) => bytes === 0);
  return [
    ...hits.map((hit) => `a secret came out: ${hit}`),
    ...empty.map(([outlet]) => `nothing came out of ${outlet}, so nothing was scanned`),
    ...(cases === 0 ? ['there was no case'] : []),
    ...(heard === 0 ? ['no provider was sent its key, so there was nothing to hide'] : []),
    ...silentPaths.map((path) => `nothing of ${path} came out, harmless or not, so nothing was shown`),
  ];
}

export function reportText(report: CanaryReport): string {
  const short = shortfalls(report);
  const bytes = Object.entries(report.scannedBytes).map(([outlet, count]) => [
    outlet,
    `${(count / 1024).toFixed(0)} KiB`,
  ]);
  return [
    ...table([['cases', String(report.cases)], ...bytes, ['hits', String(report.hits.length)]]),
    '',
    ...(short.length === 0 ? ['All held.'] : ['FELL SHORT:', ...short.slice(0, 40)]),
  ].join('\n');
}
