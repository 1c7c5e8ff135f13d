import { drawFirstTokenMs, drawPaceMs } from './latency.ts';
import type { Random } from '@paceline/resilience';
import type { LatencyModel } from './latency.ts';
import type { Answer, ErrorReply, Frame, WireCodec } from './wire/wire.ts';

export interface TimedFrame extends Frame {
  /** Milliseconds after the request arrived. */
  readonly atMs: number;
}

/**
 * - `complete`: the HTTP body ends as it should
 * - `fin`: the connection closes, and nothing else marks the body's end: clients see a clean end
 * - `reset`: the connection is reset (RST)
 * - `hang`: nothing more, ever, and the connection stays open
 */
export type Ending = 'complete' | 'fin' | 'reset' | 'hang';

export interface Head {
  /** Milliseconds after the request arrived. */
  readonly atMs: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything one response will do, as data: the core writes it, faults transform it, a player carries it out. */
export interface Script {
  /** `null`: headers are never sent. */
  readonly head: Head | null;
  /** In order of time. */
  readonly frames: readonly TimedFrame[];
  readonly end: { readonly atMs: number; readonly how: Ending };
}

/** On every response, so that nobody takes it for a model's. */
const SIMULATED = { 'x-simulated': 'true' };

/** Headers leave once the provider has accepted the request, well before the first token. */
const HEADERS_SHARE = 0.4;

/** A healthy response. The same random sequence gives the same bytes at the same times. */
export function answerScript(answer: Answer, codec: WireCodec, pace: Pace): Script {
  return answer.request.stream ? streamScript(answer, codec, pace) : wholeScript(answer, codec, pace);
}

export interface Pace {
  readonly latency: LatencyModel;
  readonly random: Random;
  /** Besides those of every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

function streamScript(answer: Answer, codec: WireCodec, pace: Pace): Script {
  const { latency, random } = pace;
  const firstTokenMs = drawFirstTokenMs(latency.firstTokenMs, random);
  const headersMs = firstTokenMs * HEADERS_SHARE;
  let atMs = headersMs;
  let tokens = 0;
  const frames = codec.stream(answer).map((frame) => {
    if (tokens > 0) atMs += drawPaceMs(frame.tokens, latency, random);
    else if (frame.kind !== 'open') atMs = firstTokenMs;
    tokens += frame.tokens;
    return { ...frame, atMs };
  });
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...codec.headers(answer.id),
    ...pace.headers,
    ...SIMULATED,
  };
  return { head: { atMs: headersMs, status: 200, headers }, frames, end: { atMs, how: 'complete' } };
}

/** Not streamed: nothing at all until the answer is ready. Two halves, so that a fault can come between them. */
function wholeScript(answer: Answer, codec: WireCodec, pace: Pace): Script {
  const { latency, random } = pace;
  const { outputTokens } = answer.usage;
  const atMs = drawFirstTokenMs(latency.firstTokenMs, random) + drawPaceMs(outputTokens, latency, random);
  const body = JSON.stringify(codec.whole(answer));
  const half = Math.ceil(body.length / 2);
  const headers = {
    'content-type': 'application/json',
    ...codec.headers(answer.id),
    ...pace.headers,
    ...SIMULATED,
  };
  return {
    head: { atMs, status: 200, headers },
    frames: [
      { kind: 'content', text: body.slice(0, half), tokens: outputTokens, atMs },
      { kind: 'finish', text: body.slice(half), tokens: 0, atMs },
    ],
    end: { atMs, how: 'complete' },
  };
}

/** A complete response with this body and no events: errors, mostly. */
export function bodyScript(reply: ErrorReply, atMs: number): Script {
  return {
    head: {
      atMs,
      status: reply.status,
      headers: { 'content-type': 'application/json', ...reply.headers, ...SIMULATED },
    },
    frames: [{ kind: 'content', text: reply.body, tokens: 0, atMs }],
    end: { atMs, how: 'complete' },
  };
}

/** Time until a request is turned down. */
const REFUSED_AFTER_MS = 5;

/** What the provider's front door answers, without having troubled the model. */
export function refusalScript(reply: ErrorReply): Script {
  return bodyScript(reply, REFUSED_AFTER_MS);
}
