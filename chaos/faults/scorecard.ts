import { meetFault } from './meet-fault.ts';
import { SCENARIOS } from './scenarios.ts';
import { VERDICTS } from './score.ts';
import type { CatalogueNumber, WireFormat } from '@paceline/simulator';
import type { Place } from './rig.ts';
import type { Score, Verdict } from './score.ts';

export const NUMBERS = Object.keys(SCENARIOS) as readonly CatalogueNumber[];

/** The verdict on one fault, on one wire, in one place: the worst of all seeds. */
export interface Row extends Score {
  readonly number: CatalogueNumber;
  readonly wire: WireFormat;
  readonly place: Place;
  readonly control: boolean;
}

export interface ScorecardOptions {
  readonly wires: readonly WireFormat[];
  readonly numbers: readonly CatalogueNumber[];
  /** Each virtual meeting is repeated with these; the worst verdict counts. */
  readonly seeds: readonly number[];
}

/** Every fault under virtual time. */
export async function virtualRows({ wires, numbers, seeds }: ScorecardOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const wire of wires) {
    for (const number of numbers) {
      const scores: Score[] = [];
      for (const seed of seeds) {
        scores.push(await meetFault({ number, wire, place: 'virtual', seed, failover: true }));
      }
      rows.push({ number, wire, place: 'virtual', control: false, ...worstScore(scores) });
    }
  }
  return rows;
}

/** The same faults met by one attempt on the primary: what the scorecard must be able to tell from the gateway. */
export async function controlRows({ wires, numbers }: ScorecardOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const wire of wires) {
    for (const number of numbers) {
      const score = await meetFault({ number, wire, place: 'virtual', seed: 1, failover: false });
      rows.push({ number, wire, place: 'virtual', control: true, ...score });
    }
  }
  return rows;
}

/** The faults that take no long waits, over loopback sockets and in real time, all of a wire at once. */
export async function socketRows({ wires, numbers }: ScorecardOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const wire of wires) {
    const meetings = numbers
      .filter((number) => SCENARIOS[number].inRealTime)
      .map(async (number): Promise<Row> => {
        const score = await meetFault({ number, wire, place: 'sockets', seed: 1, failover: true });
        return { number, wire, place: 'sockets', control: false, ...score };
      });
    rows.push(...(await Promise.all(meetings)));
  }
  return rows;
}

function worstScore(scores: readonly Score[]): Score {
  return scores.reduce((worst, each) => (badness(each) > badness(worst) ? each : worst));
}

const badness = ({ verdict }: Score): number => VERDICTS.indexOf(verdict);

export function tally(rows: readonly Row[]): Readonly<Record<Verdict, number>> {
  const count = (wanted: Verdict): number => rows.filter(({ verdict }) => verdict === wanted).length;
  return { pass: count('pass'), partial: count('partial'), safe: count('safe'), fail: count('fail') };
}
