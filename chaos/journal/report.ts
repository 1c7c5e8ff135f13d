import { table } from '../table.ts';
import type { ClocksReport } from './clocks.ts';
import type { DamageReport } from './damage.ts';
import type { FullDiskReport } from './full-disk.ts';
import type { NthReport } from './nth.ts';
import type { OwnersReport } from './owners.ts';

export interface JournalReport {
  readonly seed: number;
  readonly nth: NthReport;
  readonly damage: DamageReport;
  readonly fullDisk: FullDiskReport;
  readonly lockedOut: FullDiskReport;
  readonly owners: OwnersReport;
  readonly clocks: ClocksReport;
  readonly unhandledRejections: number;
}

/** What fell short, one line each; none: all held. */
export function shortfalls(report: JournalReport): readonly string[] {
  const { nth, damage, fullDisk, lockedOut, owners, clocks, unhandledRejections } = report;
  return [
    ...nth.broken,
    ...said(nth.resumed === 0, 'no run had to be resumed, so nothing was shown'),
    ...damage.wrong,
    ...said(damage.detected === 0, 'no mutation was found, so nothing was shown'),
    ...troubleShortfalls('full disk', fullDisk),
    ...said(fullDisk.acknowledgedBefore === fullDisk.runs, 'the disk was never full'),
    ...troubleShortfalls('locked out', lockedOut),
    ...owners.broken,
    ...said(owners.takenOver === 0, 'no run was taken over, so nothing was shown'),
    ...said(owners.fenced === 0, 'no owner was fenced, so nothing was shown'),
    ...clocks.broken,
    ...said(unhandledRejections > 0, `${unhandledRejections} rejections that nobody handled`),
  ];
}

function troubleShortfalls(name: string, report: FullDiskReport): readonly string[] {
  const { acknowledgedWhileFull, notRecorded, runs, succeeded } = report;
  return [
    ...said(acknowledgedWhileFull > 0, `${name}: ${acknowledgedWhileFull} runs were acknowledged meanwhile`),
    ...said(notRecorded.length > 0, `${name}: ${notRecorded.length} acknowledged runs were not recorded`),
    ...said(succeeded < runs, `${name}: ${succeeded} of ${runs} runs succeeded afterwards`),
  ];
}

const said = (wrong: boolean, text: string): readonly string[] => (wrong ? [text] : []);

export function reportText(report: JournalReport): string {
  const { seed, nth, damage, fullDisk, lockedOut, owners, clocks } = report;
  const short = shortfalls(report);
  return [
    ...table([
      [
        'n-th operation fails',
        `${nth.cases} cases, up to operation ${nth.operations}; ${nth.resumed} runs resumed; ${nth.broken.length} broken`,
      ],
      [
        'mutated files',
        `${damage.mutations} (seed ${seed}): ${damage.detected} detected, ${damage.harmless} harmless, ${damage.wrong.length} wrong`,
      ],
      ['full disk', troubleText(fullDisk)],
      ['locked out', troubleText(lockedOut)],
      [
        'stopped owner',
        `${owners.stops} stops, ${owners.takenOver} runs taken over, ${owners.fenced} fenced, ${owners.broken.length} broken`,
      ],
      ['clock jumps', `${clocks.cases} cases, ${clocks.broken.length} broken`],
    ]),
    '',
    ...(short.length === 0 ? ['All held.'] : ['FELL SHORT:', ...short.slice(0, 20)]),
  ].join('\n');
}

function troubleText({ acknowledgedBefore, acknowledgedWhileFull, runs, succeeded }: FullDiskReport): string {
  return `${acknowledgedBefore} runs acknowledged before, ${acknowledgedWhileFull} meanwhile; ${succeeded} of ${runs} succeeded`;
}
