import { abortable, AbortReason, createWatchdog } from '@paceline/resilience';
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { LinkedController, StallLimit, WatchdogLimits } from '@paceline/resilience';
import { collect, nothingCollected } from './collect.ts';
import { createTap } from './wire/tap.ts';
import type { Collected } from './collect.ts';
import type { Gate } from './gate.ts';
import type { Target } from './targets.ts';
import type { Evidence } from './wire/evidence.ts';

export interface ExchangeJob {
  readonly target: Target;
  /** The request in the AI SDK's terms. */
  readonly options: LanguageModelV4CallOptions;
  readonly limits: WatchdogLimits;
  /** Ends the exchange, whoever aborts it. */
  readonly scope: LinkedController;
  readonly onFirstContent: () => void;
  readonly onText: ((text: string) => void) | undefined;
}

/** What came of one request, good or bad: the raw material of a diagnosis. */
export interface Exchange {
  readonly collected: Collected;
  readonly evidence: Readonly<Evidence>;
  /** What the adapter threw; undefined if its stream ended by itself. */
  readonly error: unknown;
  /** The limit that was overrun, if that is what ended it. */
  readonly stalled: StallLimit | null;
  readonly ms: number;
  /** Until the first content delta; `null` if none came. */
  readonly firstChunkMs: number | null;
}

/** Makes one request and reads its answer for as long as it gets anywhere. Never throws; leaves nothing running. */
export async function exchange(
  { target, options, limits, scope, onFirstContent, onText }: ExchangeJob,
  gate: Gate,
): Promise<Exchange> {
  const { clock, fetch } = gate;
  const startedMs = clock.nowMs();
  let stalled: StallLimit | null = null;
  const watchdog = createWatchdog({
    clock,
    limits,
    onStall(limit) {
      stalled = limit;
      scope.abort(new AbortReason('deadline', `Stalled: ${limit}`));
    },
  });
  const onHeaders = () => watchdog.connected();
  const tap = createTap({ fetch, wire: target.provider.wire, clock, signal: scope.signal, onHeaders });
  gate.taps.set(scope.signal, tap);

  const collected = nothingCollected();
  let firstChunkMs: number | null = null;
  const onContent = (piece: 'answer' | 'thought') => {
    watchdog.content(piece);
    if (firstChunkMs !== null) return;
    firstChunkMs = clock.nowMs() - startedMs;
    onFirstContent();
  };
  let error: unknown;
  try {
    const answer = target.model().then((model) => model.doStream({ ...options, abortSignal: scope.signal }));
    const { stream } = await abortable(answer, scope.signal);
    await collect(stream, collected, { signal: scope.signal, onContent, onText });
  } catch (thrown) {
    error = thrown ?? new Error('The adapter failed without saying why.');
    // Whatever upstream still has to say is of no use any more.
    scope.abort(new AbortReason('superseded'));
  } finally {
    watchdog.stop();
  }
  return { collected, evidence: tap.evidence, error, stalled, ms: clock.nowMs() - startedMs, firstChunkMs };
}
