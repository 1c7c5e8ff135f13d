import { sleep } from '@paceline/resilience';
import { FAULT_CATALOGUE } from '@paceline/simulator';
import { call, isComplete } from './call.ts';
import { openRig } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';
import { score } from './score.ts';
import type { CatalogueFault, CatalogueNumber, SimulatedCall, WireFormat } from '@paceline/simulator';
import type { CallSeen } from './call.ts';
import type { Seen, SequenceSeen } from './checks.ts';
import type { Place, Rig } from './rig.ts';
import type { ScorecardScenario } from './scenarios.ts';
import type { Score } from './score.ts';

export interface Meeting {
  readonly number: CatalogueNumber;
  readonly wire: WireFormat;
  readonly place: Place;
  readonly seed: number;
  /** False: the control. */
  readonly failover: boolean;
}

/** Lets the gateway meet one fault of the catalogue and scores what comes of it. */
export async function meetFault({ number, wire, place, seed, failover }: Meeting): Promise<Score> {
  const { primary, fallback }: CatalogueFault = FAULT_CATALOGUE[number];
  const scenario = SCENARIOS[number];
  const rig = await openRig(
    { wire, seed, failover, primary: [primary], ...(fallback && { fallback }) },
    place,
  );
  try {
    const seen = await rig.run(watch(rig, scenario));
    return score(seen, { ideal: scenario.ideal ?? 'answer', checks: scenario.checks });
  } finally {
    await rig.close();
  }
}

const ALIVE = { route: 'alive', hungAfterMs: 10_000, withinMs: 10_000 } as const;

/** In real time a cancelled call's socket needs a moment to close at the other end; virtual time has no such moment. */
const SETTLE_MS = 100;

async function watch(rig: Rig, scenario: ScorecardScenario): Promise<Seen> {
  const { clock, simulator, targets } = rig;
  const startedMs = clock.nowMs();
  const { calls, everyMs, downMs } = scenario.sequence ?? { calls: 1, everyMs: 0, downMs: 0 };
  const made: { readonly atMs: number; readonly seen: CallSeen }[] = [];
  for (let nth = 0; nth < calls; nth++) {
    await until(rig, startedMs + nth * everyMs);
    made.push({ atMs: clock.nowMs() - startedMs, seen: await call(rig, scenario) });
  }
  if (rig.pendingTimers() === null) await sleep(clock, SETTLE_MS, new AbortController().signal);
  const leftBehind =
    simulator.calls.filter(({ ended }) => ended === null).length + (rig.pendingTimers() ?? 0);
  const log = [...simulator.calls];
  const at = (provider: string) => of(log, provider).map((each) => each.startedMs - startedMs);
  const alive = await call(rig, ALIVE);
  return {
    call: allOf(made.map(({ seen }) => seen)),
    primaryAtMs: at('primary'),
    fallbackAtMs: at('fallback'),
    fallbackTarget: targets.fallback,
    prefillRejections: of(log, 'fallback').filter(({ status }) => status === 400).length,
    aliveAfter: isComplete(alive),
    leftBehind,
    sequence: scenario.sequence === undefined ? null : sequenceOf(made, { log, startedMs, downMs }),
  };
}

async function until({ clock }: Rig, atMs: number): Promise<void> {
  const waitMs = atMs - clock.nowMs();
  if (waitMs > 0) await sleep(clock, waitMs, new AbortController().signal);
}

const of = (log: readonly SimulatedCall[], provider: string): readonly SimulatedCall[] =>
  log.filter((each) => each.provider === provider);

/** Many calls stand or fall together: the first that went wrong speaks for all. */
function allOf(calls: readonly CallSeen[]): CallSeen {
  const wrong = calls.find(({ outcome }) => outcome === 'hung') ?? calls.find((each) => !isComplete(each));
  return wrong ?? (calls.at(-1) as CallSeen);
}

interface Outage {
  readonly log: readonly SimulatedCall[];
  readonly startedMs: number;
  readonly downMs: number;
}

function sequenceOf(
  made: readonly { readonly atMs: number; readonly seen: CallSeen }[],
  { log, startedMs, downMs }: Outage,
): SequenceSeen {
  const during = made.filter(({ atMs }) => atMs < downMs);
  const primary = of(log, 'primary');
  const answered = primary.filter(({ status }) => status === 200).map((each) => each.startedMs - startedMs);
  return {
    calls: during.length,
    served: during.filter(({ seen }) => isComplete(seen)).length,
    primaryAttempts: primary.filter((each) => each.startedMs - startedMs < downMs).length,
    recoveredAfterMs: answered.length === 0 ? null : Math.min(...answered) - downMs,
  };
}
