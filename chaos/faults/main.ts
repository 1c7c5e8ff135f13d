import { parseArgs } from 'node:util';
import { cutEverywhere } from './cuts.ts';
import { isGood, reportText } from './report.ts';
import { WIRES } from './rig.ts';
import { controlRows, NUMBERS, socketRows, virtualRows } from './scorecard.ts';
import { meetStall, STALL_SHAPES } from './stalls.ts';
import type { CatalogueNumber, WireFormat } from '@paceline/simulator';
import type { ChaosCommand } from '../command.ts';
import type { CutReport } from './cuts.ts';
import type { FaultsReport } from './report.ts';
import type { StallName, StallReport } from './stalls.ts';

const USAGE = `Usage: pnpm faults [--wire <openai|anthropic|google>] [--only <S01..S16>] [--quick] [--json]

Lets the real gateway meet the sixteen provider faults of Failover Bench, on each wire, under the virtual clock and (where no
long wait is part of the fault) over real sockets; then a stream cut at every byte, and every shape of stall.

  --wire   one wire only
  --only   one fault only; no cuts, no stalls
  --quick  one seed instead of three, every 20th byte, no sockets
  --json   one line of JSON instead of the report

Exits 1 unless every fault passes, no cut does harm and every stall is found; 2 on wrong usage.`;

interface Plan {
  readonly wires: readonly WireFormat[];
  readonly numbers: readonly CatalogueNumber[];
  readonly seeds: readonly number[];
  readonly cutStep: number;
  readonly quick: boolean;
  /** The whole report, not a single fault. */
  readonly whole: boolean;
}

/** `pnpm faults`. */
export const faults: ChaosCommand = async (args, print) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      wire: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const plan = planFor(values);
  if (values.help || plan === null) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const report = await measure(plan);
  const ok = isGood(report);
  print(values.json ? JSON.stringify({ ok, ...report }) : reportText(report));
  return ok ? 0 : 1;
};

function planFor({ wire, only, quick }: { wire?: string; only?: string; quick: boolean }): Plan | null {
  const wires = WIRES.filter((each) => wire === undefined || each === wire);
  const numbers = NUMBERS.filter((each) => only === undefined || each === only);
  if (wires.length === 0 || numbers.length === 0) return null;
  return {
    wires,
    numbers,
    seeds: quick ? [1] : [1, 2, 3],
    cutStep: quick ? 20 : 1,
    quick,
    whole: only === undefined,
  };
}

async function measure(plan: Plan): Promise<FaultsReport> {
  return {
    virtual: await virtualRows(plan),
    control: await controlRows(plan),
    sockets: plan.quick ? [] : await socketRows(plan),
    cuts: plan.whole ? await everyCut(plan) : [],
    stalls: plan.whole ? await everyStall(plan) : [],
  };
}

async function everyCut({ wires, cutStep }: Plan): Promise<readonly CutReport[]> {
  const reports: CutReport[] = [];
  for (const wire of wires) {
    for (const end of ['fin', 'reset'] as const)
      reports.push(await cutEverywhere({ wire, end, step: cutStep }));
  }
  return reports;
}

async function everyStall({ wires }: Plan): Promise<readonly StallReport[]> {
  const reports: StallReport[] = [];
  for (const wire of wires) {
    for (const shape of Object.keys(STALL_SHAPES) as StallName[]) reports.push(await meetStall(wire, shape));
  }
  return reports;
}
