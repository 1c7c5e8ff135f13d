import { createMoneyMeter } from '@paceline/gateway';
import { createRetryBudget } from '@paceline/resilience';
import { workflowInfo } from '../define/workflow.ts';
import { Driver } from './driver.ts';
import { stepTimes } from './floor.ts';
import type { Caller } from './record.ts';
import type { RunHost, RunOrder } from './run-order.ts';
import type { RunContext } from './step-run.ts';
import { StepTimer } from './step-timer.ts';
import type { Tell } from './tell.ts';

/** What works on one run in this process. */
export interface Parts {
  readonly context: RunContext;
  readonly driver: Driver;
  readonly tell: Tell;
}

/** Where a run stands in time and money when this process begins to work on it. */
interface Beginning {
  /** Monotonic; may lie before this process. */
  readonly startedMs: number;
  readonly startedEpochMs: number;
  readonly totalMs: number;
  /** What its deadline has moved by. @default 0 */
  readonly waitedMs?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly capUsd: number | null;
  readonly spentUsd: number;
}

type Owned = Pick<RunOrder, 'runId' | 'workflow' | 'inherited' | 'isHeard' | 'emit'>;

export function partsOf(order: Owned, host: RunHost, beginning: Beginning): Parts {
  const { runId, workflow, inherited, isHeard, emit } = order;
  const { gateway, clock, random, journal, children, recorded, rests } = host;
  const { startedMs, startedEpochMs, totalMs, waitedMs = 0, labels, caller, capUsd, spentUsd } = beginning;
  const info = workflowInfo(workflow);
  const context: RunContext = {
    runId,
    info,
    labels,
    caller,
    startedMs,
    totalMs,
    deadline: { atMs: startedMs + totalMs + waitedMs },
    budget: {
      retries: inherited?.budget.retries ?? createRetryBudget(),
      money: createMoneyMeter(capUsd, { spentUsd, within: inherited?.budget.money, value: runId }),
    },
    times: stepTimes(info, gateway.ledger),
    stepTimer: new StepTimer(clock),
    probes: host.probes,
    gateway,
    secretIn: host.secretIn,
    clock,
    random,
    parentRunId: inherited?.parent.runId,
    depth: inherited?.depth ?? 0,
    children,
    attached: new Set(),
    entries: (fromSeq) => journal.entries(runId, fromSeq),
    epochMs: () => startedEpochMs + Math.round(clock.nowMs() - startedMs),
  };
  const tell: Tell = (event) => {
    if (!isHeard(event.type)) return;
    const whole = { ...event, runId, afterMs: clock.nowMs() - startedMs };
    emit(gateway.redactor?.value(whole) ?? whole);
  };
  return { context, tell, driver: new Driver({ workflow, context, journal, tell, recorded, rests }) };
}
