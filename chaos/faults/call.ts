import { AbortReason, deadlineIn } from '@paceline/resilience';
import type { GatewayError, ModelRequest, ModelResult } from '@paceline/gateway';
import type { Clock } from '@paceline/resilience';
import { ANSWER } from './rig.ts';
import type { Rig } from './rig.ts';

/** One call as its caller saw it. */
export interface CallSeen {
  /** `hung`: neither an answer nor an error came in the time the catalogue grants. */
  readonly outcome: 'answered' | 'error' | 'hung';
  /** What a reader of the stream has in front of him at the end: the text since the last restart. */
  readonly shown: string;
  readonly result: ModelResult | null;
  readonly error: GatewayError | null;
  readonly ms: number;
  /** When the last text came that a restart or the call's failure took back; `null` if none did. */
  readonly lostTextAtMs: number | null;
}

export interface CallPlan {
  /** After so long without an end the call counts as hung. */
  readonly hungAfterMs: number;
  /** @default 30_000, the catalogue's baseline */
  readonly withinMs?: number;
  /** @default the route with both targets */
  readonly route?: string;
  readonly limits?: ModelRequest['limits'];
}

const BASELINE_MS = 30_000;
const PROMPT = 'Explain in exactly sixty words why a gateway earns trust only when its provider misbehaves.';

/** Asks through the gateway's stream and reads it as an application would. Never throws. */
export async function call(
  { clock, gateway }: Pick<Rig, 'clock' | 'gateway'>,
  plan: CallPlan,
): Promise<CallSeen> {
  const { hungAfterMs, withinMs = BASELINE_MS, route = 'reason', limits } = plan;
  const startedMs = clock.nowMs();
  const giveUp = new AbortController();
  const reader = readerOf(clock);
  const reading = reader.read(
    gateway.stream({
      route,
      messages: [{ role: 'user', text: PROMPT }],
      answer: { type: 'text' },
      deadline: deadlineIn(clock, withinMs),
      signal: giveUp.signal,
      call: { runId: 'chaos', step: 'ask', turn: 0 },
      ...(limits && { limits }),
    }),
  );
  let hung: CallSeen | undefined;
  const ended = new Promise<void>((resolve) => {
    const timer = clock.setTimer(hungAfterMs, () => {
      hung = { ...reader.seen(), outcome: 'hung', ms: hungAfterMs };
      giveUp.abort(new AbortReason('user', 'It hangs.'));
      resolve();
    });
    void reading.then(() => {
      timer.cancel();
      resolve();
    });
  });
  await ended;
  return hung ?? { ...reader.seen(), ms: clock.nowMs() - startedMs };
}

/** Whole, and nothing twice: to him who read the stream and to him who waited for its end. */
export function isComplete({ outcome, shown, result }: CallSeen): boolean {
  return outcome === 'answered' && shown === ANSWER && result?.text === ANSWER;
}

function readerOf(clock: Clock) {
  let shown = '';
  let textAtMs: number | null = null;
  let lostTextAtMs: number | null = null;
  let result: ModelResult | null = null;
  let error: GatewayError | null = null;
  return {
    async read(stream: ReturnType<Rig['gateway']['stream']>): Promise<void> {
      try {
        for await (const event of stream) {
          if (event.type === 'end') result = event.result;
          else if (event.type === 'text-delta') {
            shown += event.text;
            textAtMs = clock.nowMs();
          } else {
            shown = '';
            lostTextAtMs = textAtMs;
          }
        }
      } catch (thrown) {
        error = thrown as GatewayError;
        lostTextAtMs = textAtMs;
      }
    },
    seen: () => ({
      outcome: result === null ? ('error' as const) : ('answered' as const),
      shown,
      result,
      error,
      lostTextAtMs,
    }),
  };
}
