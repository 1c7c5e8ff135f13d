import { percent, table } from '../table.ts';
import { SETTLE_MS } from './figures.ts';
import { CAPACITY, TRIGGERS, WITHIN_MS } from './world.ts';
import type { OverloadFigures } from './figures.ts';
import type { OverloadRun, TriggerName } from './world.ts';

export interface Row extends Pick<OverloadRun, 'load' | 'guards'> {
  readonly trigger: TriggerName;
  readonly figures: OverloadFigures;
  /** Targets missed. */
  readonly missed: readonly string[];
}

export interface OverloadReport {
  readonly seed: number;
  readonly rows: readonly Row[];
}

export const shortfalls = ({ rows }: OverloadReport): readonly Row[] =>
  rows.filter(({ missed }) => missed.length > 0);

const HEAD = [
  'load',
  'trigger',
  'guards',
  'before',
  'during',
  'after',
  'recovered',
  'attempts/call',
  'queue p99',
];

export function reportText(report: OverloadReport): string {
  return [
    `A provider that serves ${CAPACITY} calls a second, the real gateway in front of it, callers with ${WITHIN_MS / 1_000} s each, virtual time.`,
    ...Object.entries(TRIGGERS).map(([name, { doc }]) => `  ${name}: ${doc}`),
    `Goodput (answered in time, of those offered) before the trigger, during it, and from ${SETTLE_MS / 1_000} s after its end on.`,
    '',
    ...table([HEAD, ...report.rows.map(cells)]),
    '',
    ...shortfalls(report).map(missedText),
    shortfalls(report).length === 0 ? 'PASS' : 'FAIL',
  ].join('\n');
}

function cells({ load, trigger, guards, figures }: Row): readonly string[] {
  const { calm, during, settled, recoveredAfterMs, attemptsPerCall, queueAgeMs } = figures;
  return [
    `${Math.round(load * CAPACITY)}/s`,
    trigger,
    guards ? 'on' : 'off',
    percent(calm),
    percent(during),
    percent(settled),
    recoveredAfterMs === null ? 'never' : `${(recoveredAfterMs / 1_000).toFixed(1)} s`,
    attemptsPerCall.toFixed(3),
    `${Math.round(queueAgeMs.calm)} > ${Math.round(queueAgeMs.during)} > ${Math.round(queueAgeMs.settled)} ms`,
  ];
}

const missedText = ({ load, trigger, guards, missed }: Row): string =>
  `Missed at ${Math.round(load * CAPACITY)}/s, ${trigger}, guards ${guards ? 'on' : 'off'}: ${missed.join('; ')}.`;
