import { createGateway } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { offer } from '../load.ts';
import type { Gateway } from '@paceline/gateway';
import type { Clock } from '@paceline/resilience';
import type { CallSeen } from '../load.ts';

/** Calls a second that the provider can serve when it is well. */
export const CAPACITY = 100;

/** What each caller has. */
export const WITHIN_MS = 3_000;

/** Healthy answers are quick, so that every wait is the queue's. */
const LATENCY = { firstTokenMs: { p50: 50, p95: 100 }, tokensPerSecond: 1_000 };

/** What goes wrong once, and is over. */
export interface Trigger {
  readonly doc: string;
  /** What is left of the capacity. */
  readonly factor: number;
  readonly forMs: number;
}

export const TRIGGERS = {
  slowdown: { doc: 'the provider at 30 % of its capacity for 30 s', factor: 0.3, forMs: 30_000 },
  outage: { doc: 'nothing moves at the provider for 20 s', factor: 0, forMs: 20_000 },
} as const satisfies Record<string, Trigger>;

export type TriggerName = keyof typeof TRIGGERS;

export interface OverloadRun {
  readonly trigger: Pick<Trigger, 'factor' | 'forMs'>;
  /** Offered, as a share of the capacity. */
  readonly load: number;
  /** False: the control, `policy.guards: false`. */
  readonly guards: boolean;
  readonly seed: number;
  readonly spans: Spans;
}

/** The load is the same in all of them. */
export interface Spans {
  /** Before the trigger. */
  readonly calmMs: number;
  /** Once it is over. */
  readonly afterMs: number;
}

/** What was seen of one run. Times are on its clock, which began at 0. */
export interface OverloadSeen {
  readonly triggerMs: readonly [from: number, to: number];
  readonly endMs: number;
  readonly calls: readonly CallSeen[];
  /** Requests that reached the provider. */
  readonly attempts: number;
  /** How long the oldest call in the gateway's queue had waited, ten times a second. */
  readonly queueAges: readonly QueueAge[];
  /** Calls still open at the provider and timers still set when all was over. */
  readonly leftBehind: number;
}

export interface QueueAge {
  readonly atMs: number;
  readonly oldestMs: number;
}

const SAMPLE_EVERY_MS = 100;

/** One load on one target of the real gateway, through one trigger. */
export async function meetOverload({
  trigger,
  load,
  guards,
  seed,
  spans,
}: OverloadRun): Promise<OverloadSeen> {
  const triggerMs = [spans.calmMs, spans.calmMs + trigger.forMs] as const;
  const endMs = triggerMs[1] + spans.afterMs;
  const clock = createVirtualClock();
  const provider = {
    wire: 'openai',
    latency: LATENCY,
    capacity: { perSecond: CAPACITY, changes: [{ betweenMs: triggerMs, factor: trigger.factor }] },
  } as const;
  let attempts = 0;
  const simulator = createSimulator({
    seed,
    clock,
    scenario: { providers: { only: provider } },
    onCallEnd: () => void attempts++,
  });
  const gateway = createGateway({
    roles: { reason: ['only/gpt-5-mini'] },
    providers: simulator.providers(),
    policy: { guards },
    fetch: simulator.fetch,
    simulated: true,
    clock,
    random: seededRandom(`gateway ${seed}`),
  });
  const calling = offer(
    { perSecond: load * CAPACITY, fromMs: 0, toMs: endMs, withinMs: WITHIN_MS },
    { clock, gateway, random: seededRandom(`load ${seed}`) },
  );
  const watch = watchQueue(gateway, clock);
  const calls = await clock.run(calling);
  watch.stop();
  const open = simulator.calls.filter(({ ended }) => ended === null).length;
  return {
    triggerMs,
    endMs,
    calls,
    attempts: attempts + open,
    queueAges: watch.ages,
    leftBehind: open + clock.pendingTimers(),
  };
}

function watchQueue(gateway: Gateway, clock: Clock) {
  const ages: QueueAge[] = [];
  const timer = clock.setTimer(SAMPLE_EVERY_MS, () => {
    const oldest = gateway.health().targets.map(({ queue }) => queue.oldestMs);
    ages.push({ atMs: clock.nowMs(), oldestMs: Math.max(0, ...oldest) });
    timer.reset(SAMPLE_EVERY_MS);
  });
  return { ages, stop: () => timer.cancel() };
}
