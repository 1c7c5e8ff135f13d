import { AbortReason, linkedController } from '@paceline/resilience';
import { createEventQueue } from './event-queue.ts';
import { generate } from './generate.ts';
import type { TextListener, TextSource } from './call.ts';
import type { Gate } from './gate.ts';
import type { ModelRequest } from './request.ts';
import type { ModelResult, ModelStreamEvent } from './result.ts';

/**
 * The same call, heard while it happens. Nothing is held back: a failure before any text is silent, one after it shows
 * as `restart`. Upstream is read at its own pace, so a slow consumer cannot make a target look stalled.
 */
export async function* stream(request: ModelRequest, gate: Gate): AsyncGenerator<ModelStreamEvent, void> {
  const scope = linkedController(request.signal);
  const events = createEventQueue<ModelStreamEvent>();
  const shown = showing(events.push);
  generate({ ...request, signal: scope.signal }, gate, shown.onText).then(
    (result) => {
      shown.finish(result);
      events.end();
    },
    (error: unknown) => events.fail(error),
  );
  try {
    yield* events.all();
  } finally {
    // The consumer has left early, or this changes nothing.
    scope.abort(new AbortReason('user', 'The stream was left.'));
    scope.unlink();
  }
}

/** Turns the text of all attempts into events, and tells when new text supersedes what was shown. */
function showing(push: (event: ModelStreamEvent) => void) {
  let shownAttempt: number | null = null;
  const supersede = ({ attempt, target, after }: TextSource): void => {
    if (shownAttempt === null || shownAttempt === attempt || after === null) return;
    push({ type: 'restart', target, code: after });
  };
  const onText: TextListener = (text, source) => {
    supersede(source);
    shownAttempt = source.attempt;
    push({ type: 'text-delta', text });
  };
  const finish = (result: ModelResult): void => {
    // An answer without text (tool calls alone) supersedes shown text as well.
    const { attempts, servedBy } = result;
    supersede({ attempt: attempts.length, target: servedBy, after: attempts.at(-2)?.code ?? null });
    push({ type: 'end', result });
  };
  return { onText, finish };
}
