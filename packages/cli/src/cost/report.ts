import { picoOf, usdOf } from '@paceline/gateway';
import type { SpendDimension, SpendQuery, SpendRow } from '@paceline/gateway';
import type { SqliteJournal } from 'paceline';
import type { Io } from '../io.ts';
import { formatMoment } from '../moment.ts';
import { columns } from '../output/columns.ts';
import { styleFor } from '../output/style.ts';
import { formatUsd } from '../output/tables.ts';
import { jsonText, printable } from '../output/text.ts';
import { csvOf } from './csv.ts';

export interface CostOptions extends SpendQuery {
  readonly by: readonly SpendDimension[];
  readonly format: 'table' | 'json' | 'csv';
}

type Figures = Omit<SpendRow, 'group'>;

/** Prints what was spent, the dearest first. @throws EngineError `JOURNAL_FAILED` */
export async function reportCost(journal: SqliteJournal, options: CostOptions, io: Io): Promise<void> {
  const { format, ...query } = options;
  const rows = await journal.ledger.spend.report(query);
  io.stdout.write(WRITERS[format](rows, options, io));
}

type Write = (rows: readonly SpendRow[], options: CostOptions, io: Io) => string;

const WRITERS: Readonly<Record<CostOptions['format'], Write>> = {
  table: (rows, options, io) => `${linesOf(rows, options, io).join('\n')}\n`,
  json: (rows, { by, sinceEpochMs = null, untilEpochMs = null, where = {} }) =>
    `${jsonText({ by, sinceEpochMs, untilEpochMs, where, rows, total: totalOf(rows) })}\n`,
  csv: (rows, { by }) => csvOf([[...by, ...CSV_FIGURES], ...rows.map((row) => csvRow(row, by))]),
};

/** What all rows come to. */
function totalOf(rows: readonly SpendRow[]): Figures {
  const count = (of: (row: SpendRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const usd = (of: (row: SpendRow) => number): number =>
    usdOf(rows.reduce((sum, row) => sum + picoOf(of(row)), 0n));
  const share = (source: keyof SpendRow['sources']) => ({
    attempts: count(({ sources }) => sources[source].attempts),
    usd: usd(({ sources }) => sources[source].usd),
  });
  return {
    usd: usd((row) => row.usd),
    unpricedAttempts: count((row) => row.unpricedAttempts),
    calls: count((row) => row.calls),
    attempts: count((row) => row.attempts),
    inputTokens: count((row) => row.inputTokens),
    cachedInputTokens: count((row) => row.cachedInputTokens),
    outputTokens: count((row) => row.outputTokens),
    savedUsd: usd((row) => row.savedUsd),
    sources: {
      reported: share('reported'),
      computed: share('computed'),
      estimated: share('estimated'),
      unknown: share('unknown'),
    },
  };
}

const CSV_FIGURES = [
  'usd',
  'unpricedAttempts',
  'calls',
  'attempts',
  'inputTokens',
  'cachedInputTokens',
  'outputTokens',
  'savedUsd',
  'reportedUsd',
  'computedUsd',
  'estimatedUsd',
];

function csvRow(row: SpendRow, by: readonly SpendDimension[]): readonly (string | number | null)[] {
  const { usd, unpricedAttempts, calls, attempts, savedUsd, sources } = row;
  return [
    ...by.map((dimension) => row.group[dimension] ?? null),
    usd,
    unpricedAttempts,
    calls,
    attempts,
    row.inputTokens,
    row.cachedInputTokens,
    row.outputTokens,
    savedUsd,
    sources.reported.usd,
    sources.computed.usd,
    sources.estimated.usd,
  ];
}

const FIGURES = ['cost', 'share', 'calls', 'attempts', 'tokens in', 'cached', 'tokens out', 'saved'];

function linesOf(rows: readonly SpendRow[], options: CostOptions, io: Io): readonly string[] {
  if (rows.length === 0) return [`Nothing was spent${timeOf(options)}.`];
  const { by } = options;
  const { bold, dim, yellow } = styleFor(io.stdout, io.env);
  const total = totalOf(rows);
  const names = ({ group }: SpendRow) => by.map((dimension) => nameOf(group[dimension] ?? null));
  const cells = rows.map((row) => [...names(row), ...figuresOf(row, total.usd)]);
  const last = ['total', ...by.slice(1).map(() => ''), ...figuresOf(total, total.usd)];
  const header = [...(by.length === 0 ? [''] : by.map(printable)), ...FIGURES];
  const numbers = new Set(FIGURES.map((_, at) => at + Math.max(1, by.length)));
  const [head = '', ...lines] = columns([header, ...(by.length === 0 ? [] : cells), last], numbers);
  return [
    `Spent${timeOf(options)}`,
    dim(head),
    ...lines.slice(0, -1),
    bold(lines.at(-1) ?? ''),
    ...doubtsOf(total).map(yellow),
  ];
}

function nameOf(value: string | null): string {
  return value === null ? '(none)' : printable(value);
}

function figuresOf(row: Figures, totalUsd: number): readonly string[] {
  return [
    formatUsd(row.usd),
    totalUsd === 0 ? '' : `${((100 * row.usd) / totalUsd).toFixed(1)} %`,
    figure(row.calls),
    figure(row.attempts),
    figure(row.inputTokens),
    figure(row.cachedInputTokens),
    figure(row.outputTokens),
    row.savedUsd === 0 ? '' : savedText(row.savedUsd),
  ];
}

/** Thousands grouped. */
function figure(value: number): string {
  return value.toLocaleString('en-US');
}

function savedText(usd: number): string {
  return usd < 0 ? `-${formatUsd(-usd)}` : formatUsd(usd);
}

function timeOf({ sinceEpochMs, untilEpochMs }: SpendQuery): string {
  const since = sinceEpochMs === undefined ? '' : ` since ${formatMoment(sinceEpochMs)}`;
  const until = untilEpochMs === undefined ? '' : ` until ${formatMoment(untilEpochMs)}`;
  return since + until;
}

/** What the total does not know for sure. */
function doubtsOf({ attempts, sources: { estimated, unknown } }: Figures): readonly string[] {
  const of = (count: number): string => `${figure(count)} of ${figure(attempts)}`;
  return [
    estimated.attempts === 0
      ? []
      : `Estimated: ${formatUsd(estimated.usd)}, for ${of(estimated.attempts)} attempts that were cut off, or whose provider did not say what they used.`,
    unknown.attempts === 0
      ? []
      : `Unknown, and not counted: what ${of(unknown.attempts)} attempts cost, for which there is no price.`,
  ].flat();
}
