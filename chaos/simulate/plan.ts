import { Dice } from './dice.ts';
import { PATIENT_MS } from './patience.ts';
import { SHAPES } from './shapes/all.ts';
import type { FaultName, FaultRule } from '@paceline/simulator';
import type { FlowPlan } from './flow.ts';
import type { TroubleName } from '../journal/trouble.ts';

/** All that a seed decides beforehand. What happens then follows from it alone. */
export interface Plan {
  readonly seed: number;
  readonly store: 'memory' | 'sqlite';
  readonly flows: readonly FlowPlan[];
  readonly runs: readonly RunPlan[];
  /** Of the provider that has faults. */
  readonly faults: readonly FaultRule[];
  /** One process after the other; after the last there is one without trouble. */
  readonly lives: readonly LifePlan[];
  readonly jumps: readonly Jump[];
}

export interface RunPlan {
  readonly runId: string;
  readonly n: number;
  readonly flow: number;
  readonly tenant: string;
  /** What its caller grants it, in milliseconds. */
  readonly deadlineMs: number;
  /** When its caller does not want it any more. */
  readonly cancelAtMs: number | null;
  /** When its caller asks for it. */
  readonly atMs: number;
}

/** A process of an application, how it fares and how it ends. */
export interface LifePlan {
  readonly end: LifeEnd;
  readonly trouble: JournalTrouble | null;
  /** Share of the journal's operations that take up to `slowMs`. */
  readonly slowShare: number;
  readonly slowMs: number;
}

export type LifeEnd =
  /** It is killed right before or after an operation of its journal. */
  | { readonly how: 'operation'; readonly nth: number; readonly applied: boolean }
  | { readonly how: 'moment'; readonly afterMs: number }
  /** It is taken for dead and goes on: its runs are taken over under its hands. */
  | { readonly how: 'zombie'; readonly afterMs: number }
  | { readonly how: 'none' };

/** From its n-th operation on the journal's disk fails, for so long. */
export interface JournalTrouble {
  readonly nth: number;
  readonly name: TroubleName;
  readonly forMs: number;
}

/** The wall clock of the machine jumps. */
export interface Jump {
  readonly atMs: number;
  readonly byMs: number;
}

const HOUR_MS = 3_600_000;
const FAULT_NAMES = [
  'error-500',
  'unavailable-503',
  'error-in-stream',
  'html-502',
  'rate-limit',
  'reset',
  'cut',
  'cut-reset',
  'malformed-event',
  'no-end-marker',
  'stall-silent',
  'stall-mid',
  'slow',
] as const satisfies readonly FaultName[];
const STILL: LifePlan = { end: { how: 'none' }, trouble: null, slowShare: 0, slowMs: 0 };

/** The process after all trouble. */
export const LAST_LIFE = STILL;

/** The calm flow is every seed's second tenant: nothing but the machine's clock and crashes can touch it. */
export function planOf(seed: number): Plan {
  const dice = new Dice(`simulate ${seed}`);
  const flows = flowsOf(dice.of('flows'));
  const calm = flows.length - 1;
  const random = dice.of('runs');
  const runs = Array.from({ length: random.between(2, 4) }, (_, at) => ({
    runId: `run-${at}`,
    n: at,
    flow: random.between(0, calm - 1),
    tenant: 'busy',
    cancelAtMs: random.chance(0.1) ? random.between(0, 3_000) : null,
    deadlineMs: random.chance(0.15) ? random.between(100, 3_000) : PATIENT_MS,
    atMs: random.between(0, 2_000),
  }));
  const bystander = {
    runId: 'bystander',
    n: 0,
    flow: calm,
    tenant: 'calm',
    deadlineMs: PATIENT_MS,
    cancelAtMs: null,
    atMs: random.between(0, 2_000),
  };
  // A third of the seeds has no trouble but the providers': what an untroubled world does has to be seen as well.
  const isTroubled = dice.chance(0.67);
  const trouble = dice.of('lives');
  return {
    seed,
    store: dice.chance(0.25) ? 'sqlite' : 'memory',
    flows,
    runs: [...runs, bystander],
    faults: faultsOf(dice.of('faults')),
    lives: isTroubled ? Array.from({ length: trouble.between(1, 4) }, () => lifeOf(trouble)) : [],
    jumps: isTroubled && dice.chance(0.3) ? [jumpOf(dice.of('jumps'))] : [],
  };
}

function flowsOf(dice: Dice): readonly FlowPlan[] {
  const names = Object.keys(SHAPES) as [string, ...string[]];
  const flows = Array.from({ length: dice.between(1, 2) }, (_, at) => ({
    id: `flow-${at}`,
    seed: `${dice.between(0, 1e9)}`,
    shapes: Array.from({ length: dice.between(1, 5) }, () => dice.pick(names)),
    waiting: dice.chance(0.3) ? ('free' as const) : ('counts' as const),
  }));
  return [
    ...flows,
    { id: 'calm', seed: `${dice.between(0, 1e9)}`, shapes: ['calm', 'calm'], waiting: 'counts' },
  ];
}

function faultsOf(dice: Dice): readonly FaultRule[] {
  return Array.from({ length: dice.between(0, 3) }, () => ({
    fault: dice.pick(FAULT_NAMES),
    probability: dice.pick([0.1, 0.3, 1]),
    ...(dice.chance(0.5) && { times: dice.between(1, 4) }),
  }));
}

function lifeOf(dice: Dice): LifePlan {
  const end: LifeEnd = dice.pick<LifeEnd>([
    { how: 'operation', nth: dice.between(1, 40), applied: dice.chance(0.5) },
    { how: 'moment', afterMs: dice.between(0, 1_500) },
    { how: 'zombie', afterMs: dice.between(0, 1_500) },
  ]);
  const name = dice.pick<TroubleName>(['SQLITE_BUSY', 'SQLITE_IOERR_FSYNC', 'SQLITE_FULL']);
  const trouble = { nth: dice.between(1, 60), name, forMs: dice.pick([0, 100, 100, 5_000, 5_000, 90_000]) };
  return {
    end,
    trouble: dice.chance(0.4) ? trouble : null,
    slowShare: dice.pick([0, 0, 0.2, 1]),
    slowMs: dice.pick([1, 20, 300]),
  };
}

const jumpOf = (dice: Dice): Jump => ({
  atMs: dice.between(0, 3_000),
  byMs: dice.pick([-HOUR_MS, HOUR_MS, -24 * HOUR_MS, 24 * HOUR_MS]),
});
