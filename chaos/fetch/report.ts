import { table } from '../table.ts';
import type { NthReport } from './nth.ts';

export interface FetchReport {
  readonly fetch: NthReport;
  /** The same chain, its journal failing. */
  readonly journal: NthReport;
  readonly unhandledRejections: number;
}

/** What fell short, one line each; none: all held. */
export function shortfalls({ fetch, journal, unhandledRejections }: FetchReport): readonly string[] {
  return [
    ...fetch.broken,
    ...journal.broken,
    ...(fetch.succeeded === 0 || journal.succeeded === 0 ? ['no run succeeded, so nothing was shown'] : []),
    ...(fetch.degraded === 0 ? ['no failure lasted long enough to be met by the error path'] : []),
    ...(unhandledRejections > 0 ? [`${unhandledRejections} rejections that nobody handled`] : []),
  ];
}

export function reportText(report: FetchReport): string {
  const short = shortfalls(report);
  return [
    ...table([
      ['n-th request fails', nthText(report.fetch)],
      ['n-th journal operation fails', nthText(report.journal)],
    ]),
    '',
    ...(short.length === 0 ? ['All held.'] : ['FELL SHORT:', ...short.slice(0, 20)]),
  ].join('\n');
}

function nthText({ cases, operations, succeeded, degraded, resumed, broken }: NthReport): string {
  return `${cases} cases, up to operation ${operations}; ${succeeded} succeeded, ${degraded} by the error path, ${resumed} resumed; ${broken.length} broken`;
}
