import { AbortReason, linkedController } from '@paceline/resilience';
import { createEventQueue } from './event-queue.ts';
import { generate } from './generate.ts';
import type { TextListener } from './call.ts';
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
  let shown = '';
  let shownBy: number | null = null;
  const onText: TextListener = (text, { attempt, target, after }) => {
    if (shownBy !== null && shownBy !== attempt && after !== null) {
      push({ type: 'restart', target, code: after });
      shown = '';
    }
    shownBy = attempt;
    shown += text;
    push({ type: 'text-delta', text });
  };
  const finish = (result: ModelResult): void => {
    // An answer without text (tool calls alone) supersedes shown text as well.
    const code = result.attempts.find(({ attempt }) => attempt === shownBy)?.code;
    if (shown !== result.text && code !== undefined) {
      push({ type: 'restart', target: result.servedBy, code });
    }
    push({ type: 'end', result });
  };
  return { onText, finish };
}
