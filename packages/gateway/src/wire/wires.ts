import { isRecord, parseBody } from '../provider-error.ts';
import type { WireFormat } from '../config.ts';

/** What one event says about the answer it belongs to. */
export interface EventSign {
  /** Why the model stopped, in the provider's word. */
  readonly stopReason?: string;
  /** Nothing follows. */
  readonly end?: true;
  /** An error inside an answer of status 200: the event's data. */
  readonly error?: unknown;
  /** What has been used so far, in the provider's words. */
  readonly usage?: Readonly<Record<string, unknown>>;
}

/** Where a wire format says that an answer is complete. */
export interface Wire {
  /** How events follow one another in the bytes: as server-sent events, or as messages of AWS's event stream. */
  readonly framing: 'sse' | 'aws';
  /** A cheap test over raw events: those that do not match say nothing. Text inside JSON strings cannot match, its quotes are escaped. */
  readonly telling: RegExp;
  readonly read: (data: unknown) => EventSign;
  /** What closes a stream whose provider gave the stop reason but not the end marker; some adapters finish on nothing else. */
  readonly closing: Uint8Array | null;
}

const NOTHING: EventSign = {};

/** The data of OpenAI's end marker; no JSON. */
const DONE = '[DONE]';

const openai: Wire = {
  framing: 'sse',
  telling: /"finish_reason"\s*:\s*"|"usage"\s*:\s*\{|\[DONE\]|"error"\s*:\s*[{"]/,
  closing: null,
  read(data) {
    if (data === DONE) return { end: true };
    if (!isRecord(data)) return NOTHING;
    if (saysError(data.error)) return { error: data };
    const choice: unknown = Array.isArray(data.choices) ? data.choices[0] : undefined;
    const said = data.usage ?? (isRecord(data.x_groq) ? data.x_groq.usage : undefined);
    // The tier stands beside the usage, on every event.
    const usage = isRecord(said) ? { usage: given({ service_tier: data.service_tier, ...said }) } : {};
    return { ...stopped(isRecord(choice) ? choice.finish_reason : undefined), ...usage };
  },
};

const anthropic: Wire = {
  framing: 'sse',
  telling: /"stop_reason"\s*:\s*"|"usage"\s*:\s*\{|"message_stop"|"error"\s*:\s*[{"]/,
  closing: new TextEncoder().encode('event: message_stop\ndata: {"type":"message_stop"}\n\n'),
  read(data) {
    if (!isRecord(data)) return NOTHING;
    if (data.type === 'message_stop') return { end: true };
    if (data.type === 'error') return { error: data };
    // At the start the prompt's, at the end the whole: later counts include earlier ones.
    const { usage } = isRecord(data.message) ? data.message : data;
    return {
      ...stopped(isRecord(data.delta) ? data.delta.stop_reason : undefined),
      ...(isRecord(usage) && { usage: given(usage) }),
    };
  },
};

/** Gemini has no end marker: the connection closes. A blocked prompt has a `blockReason` and no candidate at all. */
const google: Wire = {
  framing: 'sse',
  telling: /"finishReason"\s*:\s*"|"blockReason"\s*:\s*"|"error"\s*:\s*[{"]/,
  closing: null,
  read(data) {
    if (!isRecord(data)) return NOTHING;
    if (saysError(data.error)) return { error: data };
    const candidate: unknown = Array.isArray(data.candidates) ? data.candidates[0] : undefined;
    const finishReason = isRecord(candidate) ? candidate.finishReason : undefined;
    // Not the end: the adapter asks for the rest with the token that came along.
    if (finishReason === 'CONTINUATION') return NOTHING;
    return {
      ...stopped(
        finishReason ?? (isRecord(data.promptFeedback) ? data.promptFeedback.blockReason : undefined),
      ),
      ...(isRecord(data.usageMetadata) && { usage: given(data.usageMetadata) }),
    };
  },
};

/** What ends the message is the last event, and the only one that says why and what was used. */
const cohere: Wire = {
  framing: 'sse',
  telling: /"message-end"|\[DONE\]|"error"\s*:\s*[{"]/,
  closing: null,
  read(data) {
    if (data === DONE) return { end: true };
    if (!isRecord(data)) return NOTHING;
    const delta = isRecord(data.delta) ? data.delta : data;
    if (saysError(delta.error)) return { error: delta };
    if (data.type !== 'message-end') return NOTHING;
    const usage = isRecord(delta.usage) ? { usage: given(delta.usage) } : {};
    return { ...stopped(delta.finish_reason), ...usage, end: true };
  },
};

/** The stop reason comes before the usage, with which it ends. Exceptions are messages of their own. */
const bedrock: Wire = {
  framing: 'aws',
  telling: /messageStop|metadata|:exception-type|:error-code/,
  closing: null,
  read(data) {
    if (!isRecord(data)) return NOTHING;
    if (saysError(data.error)) return { error: data };
    if (isRecord(data.messageStop)) return stopped(data.messageStop.stopReason);
    if (!isRecord(data.metadata)) return NOTHING;
    const { usage, serviceTier } = data.metadata;
    const tier = isRecord(serviceTier) ? serviceTier.type : undefined;
    return { ...(isRecord(usage) && { usage: given({ service_tier: tier, ...usage }) }), end: true };
  },
};

export const WIRES: Readonly<Record<WireFormat, Wire>> = {
  openai,
  anthropic,
  google,
  'openai-compatible': openai,
  cohere,
  bedrock,
};

/** One line end after another, whichever of the three kinds each is. */
const BLANK_LINE = /(?:\r\n|\n|\r(?!\n)){2}/;

/** The data of each event in `text` that has any, in order, as sent. */
export function eventTexts(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(BLANK_LINE)
    .flatMap((event) => {
      const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
      return lines.length === 0 ? [] : [lines.map((line) => line.slice('data:'.length).trim()).join('\n')];
    });
}

/** The data of each event in `text`, in order: JSON parsed; the end marker, and what is malformed, as text. */
export function eventData(text: string): readonly unknown[] {
  // The end marker is not left to `JSON.parse`, whose error would be the dearest thing about a whole call.
  return eventTexts(text).map((data) => (data === DONE ? DONE : parseBody(data)));
}

function stopped(reason: unknown): EventSign {
  return typeof reason === 'string' && reason !== '' ? { stopReason: reason } : NOTHING;
}

/** A later event that does not say something leaves what an earlier one said. */
function given(usage: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(usage).filter(([, value]) => value !== null && value !== undefined),
  );
}

function saysError(error: unknown): boolean {
  return isRecord(error) || (typeof error === 'string' && error !== '');
}
