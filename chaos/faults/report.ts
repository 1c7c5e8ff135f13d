import { FAULT_CATALOGUE } from '@paceline/simulator';
import { NUMBERS, tally } from './scorecard.ts';
import type { CutReport } from './cuts.ts';
import type { Row } from './scorecard.ts';
import type { StallReport } from './stalls.ts';

/** Everything `pnpm faults` has measured. */
export interface FaultsReport {
  readonly virtual: readonly Row[];
  readonly sockets: readonly Row[];
  /** One attempt on the primary, no failover. */
  readonly control: readonly Row[];
  readonly cuts: readonly CutReport[];
  readonly stalls: readonly StallReport[];
}

/** Whether every fault passes everywhere, no cut did harm, every stall was found, and the scorecard can tell good from bad. */
export function isGood(report: FaultsReport): boolean {
  return (
    [...report.virtual, ...report.sockets].every(({ verdict }) => verdict === 'pass') &&
    bites(report) &&
    report.cuts.every((cut) => harms(cut) === 0) &&
    report.stalls.every(({ ok }) => ok)
  );
}

/** The control survives only what needs no second attempt: less than half of the faults that the gateway passes. */
function bites({ virtual, control }: FaultsReport): boolean {
  return virtual.length < NUMBERS.length || tally(control).pass < tally(virtual).pass / 2;
}

const harms = ({ truncated, duplicated, failed, leaked }: CutReport): number =>
  truncated.length + duplicated.length + failed.length + leaked.length;

export function reportText(report: FaultsReport): string {
  return [
    'Sixteen provider faults, by their numbers in the catalogue of Failover Bench (methodology v0.1).',
    'Primary and fallback are simulated; the gateway, its adapters and its defaults are the real ones.',
    '',
    scoresText(report),
    ...section(
      'Not passed:',
      [...report.virtual, ...report.sockets].filter(({ verdict }) => verdict !== 'pass').map(failureText),
    ),
    ...section('One stream cut everywhere, the fallback healthy:', report.cuts.map(cutText)),
    ...section('Stalls, each by the limit it has to be found with:', stallsText(report.stalls)),
    '',
    isGood(report) ? 'PASS' : 'FAIL',
  ].join('\n');
}

interface Column {
  readonly title: string;
  readonly rows: readonly Row[];
}

function scoresText({ virtual, sockets, control }: FaultsReport): string {
  const wires = [...new Set(virtual.map(({ wire }) => wire))];
  const columnsOf = (rows: readonly Row[], suffix: string): readonly Column[] =>
    wires.map((wire) => ({ title: `${wire}${suffix}`, rows: rows.filter((row) => row.wire === wire) }));
  const columns = [
    ...columnsOf(virtual, ''),
    ...columnsOf(sockets, ' sockets'),
    { title: 'control', rows: control.filter(({ wire }) => wire === wires[0]) },
  ];
  const numbers = [...new Set(virtual.map(({ number }) => number))];
  const line = (first: string, cells: readonly string[]): string =>
    [
      first.padEnd(78),
      ...cells.map((cell, at) => cell.padEnd(Math.max(7, columns[at]?.title.length ?? 0) + 2)),
    ]
      .join('')
      .trimEnd();
  return [
    line(
      'fault',
      columns.map(({ title }) => title),
    ),
    ...numbers.map((number) =>
      line(
        `${number}  ${FAULT_CATALOGUE[number].doc}`,
        columns.map(({ rows }) => rows.find((row) => row.number === number)?.verdict ?? '-'),
      ),
    ),
    line(
      'passed',
      columns.map(({ rows }) => `${tally(rows).pass}/${rows.length}`),
    ),
  ].join('\n');
}

const failureText = ({ number, wire, place, verdict, failed, found }: Row): string =>
  `  ${number} ${wire} (${place}): ${verdict}, because of ${failed.join(', ')}. Seen: ${found}.`;

function cutText(cut: CutReport): string {
  const { wire, end, bytes, cuts, accepted, rescued, truncated, duplicated, failed, leaked } = cut;
  const counts = [
    `${cuts} cuts of ${bytes} bytes`,
    `${accepted} whole all the same`,
    `${rescued} rescued`,
    `${truncated.length} truncated`,
    `${duplicated.length} duplicated`,
    `${failed.length} failed`,
    `${leaked.length} leaked`,
  ];
  const where = [...truncated, ...duplicated, ...failed, ...leaked].slice(0, 10);
  const detail = where.length === 0 ? '' : `; harm at bytes ${where.join(', ')}`;
  return `  ${wire.padEnd(10)} ${end.padEnd(6)} ${counts.join(', ')}${detail}`;
}

function stallsText(stalls: readonly StallReport[]): readonly string[] {
  if (stalls.length === 0) return [];
  const bad = stalls.filter(({ ok }) => !ok).map(stallText);
  const worst = Math.max(
    0,
    ...stalls.map(({ foundAfterMs, limitMs }) => (foundAfterMs ?? limitMs) - limitMs),
  );
  const good = `${stalls.length - bad.length} of ${stalls.length} found, the latest ${worst.toFixed(1)} ms after its limit`;
  return [`  ${good}`, ...bad];
}

function stallText({ wire, shape, limitMs, foundAfterMs, leftBehind }: StallReport): string {
  const found = foundAfterMs === null ? 'not found' : `found after ${Math.round(foundAfterMs)} ms`;
  return `  ${wire}, ${shape}: ${found}, limit ${limitMs} ms, ${leftBehind} left behind`;
}

/** Nothing to say, no section. */
const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];
