import { createMoneyMeter, isGatewayError } from '@paceline/gateway';
import { createRetryBudget } from '@paceline/resilience';
import type { AttemptRecord, CallBudget } from '@paceline/gateway';
import { CALLS, DEADLINE_MS, LATENCY } from './world.ts';
import type { Rig } from './rig.ts';

/** What became of one chain. Times are in milliseconds after the start of the world. */
export interface ChainSeen {
  readonly startedMs: number;
  readonly endedMs: number;
  /** Begun. */
  readonly calls: number;
  readonly attempts: number;
  readonly hedges: number;
  /** Why it ended early; `LATE` if it came to its end, but after the deadline; `null`: ten answers in time. */
  readonly miss: string | null;
}

/** As the engine does it: a call leaves half of their usual time to those after it. */
const FLOOR_MS = 0.5 * LATENCY.firstTokenMs.p50;

/** Ten calls, one after the other, against one deadline and one retry budget. Never throws. */
export async function runChain(rig: Rig, nth: number): Promise<ChainSeen> {
  const { clock, originMs } = rig;
  const startedMs = clock.nowMs();
  const attempts: AttemptRecord[] = [];
  const budget: CallBudget = { retries: createRetryBudget(), money: createMoneyMeter(null) };
  let calls = 0;
  let miss: string | null = null;
  try {
    while (calls < CALLS) {
      calls++;
      const atMs = startedMs + DEADLINE_MS - FLOOR_MS * (CALLS - calls);
      attempts.push(...(await callModel(rig, { run: nth, nth: calls, atMs, budget })));
    }
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    attempts.push(...error.attempts);
    miss = error.code;
  }
  const endedMs = clock.nowMs();
  if (miss === null && endedMs - startedMs > DEADLINE_MS) miss = 'LATE';
  return {
    startedMs: startedMs - originMs,
    endedMs: endedMs - originMs,
    calls,
    attempts: attempts.length,
    hedges: attempts.filter(({ kind }) => kind === 'hedge').length,
    miss,
  };
}

interface ChainCall {
  readonly run: number;
  readonly nth: number;
  readonly atMs: number;
  readonly budget: CallBudget;
}

async function callModel(
  { gateway }: Rig,
  { run, nth, atMs, budget }: ChainCall,
): Promise<readonly AttemptRecord[]> {
  const { attempts } = await gateway.generate({
    route: 'reason',
    messages: [{ role: 'user', text: 'Go on.' }],
    answer: { type: 'text' },
    deadline: { atMs },
    signal: new AbortController().signal,
    budget,
    call: { runId: `chain-r${run}`, step: `call${nth}`, turn: 0 },
  });
  return attempts;
}
