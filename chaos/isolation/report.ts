import { percent, table } from '../table.ts';
import { CASES, FLOOD_FACTOR } from './world.ts';
import type { IsolationFigures } from './figures.ts';
import type { CaseName } from './world.ts';

export interface Row {
  readonly name: CaseName;
  readonly guards: boolean;
  readonly figures: IsolationFigures;
  /** Targets missed. */
  readonly missed: readonly string[];
}

export interface IsolationReport {
  readonly seed: number;
  readonly rows: readonly Row[];
}

export const shortfalls = ({ rows }: IsolationReport): readonly Row[] =>
  rows.filter(({ missed }) => missed.length > 0);

const HEAD = [
  'case',
  'guards',
  'others ok',
  'p99 calm',
  'p99 flood',
  'flooder ok',
  'its attempts',
  'refused within',
  'breakers opened',
];

export function reportText(report: IsolationReport): string {
  return [
    `Five tenants call the real gateway, and then one of them calls ${FLOOD_FACTOR} times as often; virtual time.`,
    ...Object.entries(CASES).map(([name, { doc }]) => `  ${name}: ${doc}`),
    'How the four others fare, beside the same run without the flood.',
    '',
    ...table([HEAD, ...report.rows.map(cells)]),
    '',
    ...shortfalls(report).map(missedText),
    shortfalls(report).length === 0 ? 'PASS' : 'FAIL',
  ].join('\n');
}

const milliseconds = (ms: number | null): string => (ms === null ? '-' : `${Math.round(ms)} ms`);

function cells({ name, guards, figures: { others, flooder, opened } }: Row): readonly string[] {
  return [
    name,
    guards ? 'on' : 'off',
    percent(others.success, 2),
    milliseconds(others.calmP99Ms),
    milliseconds(others.p99Ms),
    percent(flooder.answered),
    flooder.attemptsPerCall.toFixed(3),
    milliseconds(flooder.refusedMs),
    opened.join(', ') || 'none',
  ];
}

const missedText = ({ name, guards, missed }: Row): string =>
  `Missed in "${name}", guards ${guards ? 'on' : 'off'}: ${missed.join('; ')}.`;
