import { cutAfter, delay, firstContentMs, framesWithin, insertAt, pauseAfter } from './edit-script.ts';
import { bodyScript } from './script.ts';
import type { Random } from '@paceline/resilience';
import type { Draft } from './answers/write-answer.ts';
import type { Script } from './script.ts';
import type { Filler, Problem, ProblemKind, SimRequest, WireCodec } from './wire/wire.ts';

/** Settings of a fault. Each fault reads only those its entry in `FAULTS` names. */
export interface FaultParameters {
  /** Output tokens sent before it strikes. 0: before any content. @default half of the answer, at least 1 */
  readonly afterTokens?: number;
  /** When the error or the reset comes, after the request. @default 40, for `brownout` 1_000 */
  readonly afterMs?: number;
  /** How long the silence lasts. @default forever */
  readonly forMs?: number;
  /** Whether the answer goes on after `forMs`; otherwise the connection closes. @default true */
  readonly resumes?: boolean;
  /** Sends something this often during the silence, for at most ten minutes. @default never */
  readonly pingEveryMs?: number;
  /** What it sends: see `Filler`; or, byte by byte, the event that would have come next. @default 'ping' */
  readonly pingWith?: Filler | 'byte';
  /** When the first token comes, if it would come earlier. @default 20_000 */
  readonly firstTokenMs?: number;
  /** The wait the provider asks for. 0: it gives no hint. @default 2_000, for `quota` 0 */
  readonly retryAfterMs?: number;
  /** Share of the calls that fail, 0 to 1; the others are slow. @default 0.5 */
  readonly errorShare?: number;
  /** Factor on the first token's time. @default 10 */
  readonly slowdown?: number;
  /** How long it fails, from the simulator's start. @default forever */
  readonly downMs?: number;
  /** How long it is well after `downMs`, before it all begins again. @default forever */
  readonly upMs?: number;
  /** Whether `[DONE]` or `message_stop` is sent before the connection is left open. @default true */
  readonly endMarker?: boolean;
}

/** What a fault has to work with. */
export interface FaultScene {
  /** What would have happened. */
  readonly healthy: Script;
  readonly request: SimRequest;
  readonly codec: WireCodec;
  readonly parameters: FaultParameters;
  /** Another answer to the same request, at the same pace. */
  readonly answerWith: (draft: Draft) => Script;
  /** The fault's own draws, the same for the same call. */
  readonly random: Random;
  /** Since the simulator was created. */
  readonly sinceMs: number;
}

export interface Fault {
  /** One line for people who choose a fault. */
  readonly doc: string;
  readonly parameters: readonly (keyof FaultParameters)[];
  /** Turns the healthy response into the faulty one; `null` when there is nothing here it could break. */
  apply(scene: FaultScene): Script | null;
}

/** An error needs no tokens: it comes quickly. */
const ERROR_AFTER_MS = 40;

/** Answers with one of the provider's errors. */
const failing = (kind: ProblemKind, doc: string): Fault => ({
  doc,
  parameters: ['afterMs'],
  apply: (scene) => fail(scene, kind),
});

/** Every fault the simulator knows, each in every wire format. */
export const FAULTS = {
  stall: {
    doc: 'Sends headers, then nothing.',
    parameters: ['forMs', 'resumes', 'pingEveryMs', 'pingWith'],
    apply: (scene) => silence(scene, 0),
  },
  'stall-silent': {
    doc: 'Accepts the request and sends nothing at all, not even headers.',
    parameters: ['forMs', 'resumes'],
    apply: ({ healthy, parameters: { forMs = Number.POSITIVE_INFINITY, resumes = true } }) => {
      if (forMs === Number.POSITIVE_INFINITY)
        return { head: null, frames: [], end: { atMs: 0, how: 'hang' } };
      return resumes ? delay(healthy, forMs) : { head: null, frames: [], end: { atMs: forMs, how: 'reset' } };
    },
  },
  'stall-mid': {
    doc: 'Sends part of the answer, then goes silent.',
    parameters: ['afterTokens', 'forMs', 'resumes', 'pingEveryMs', 'pingWith'],
    apply: (scene) => silence(scene, framesBefore(scene)),
  },
  slow: {
    doc: 'Sends headers, and the first token much later.',
    parameters: ['firstTokenMs', 'pingEveryMs', 'pingWith'],
    apply: (scene) => {
      const { firstTokenMs = 20_000 } = scene.parameters;
      const forMs = Math.max(0, firstTokenMs - firstContentMs(scene.healthy));
      return silence({ ...scene, parameters: { ...scene.parameters, forMs } }, 0);
    },
  },
  'error-500': failing('internal', 'Answers 500 with an error body.'),
  'unavailable-503': {
    doc: 'Answers 503 with an error body; with `downMs` not for good, and with `upMs` again and again.',
    parameters: ['afterMs', 'downMs', 'upMs'],
    apply: (scene) => {
      const { downMs = Number.POSITIVE_INFINITY, upMs = Number.POSITIVE_INFINITY } = scene.parameters;
      // What is left of a time divided by Infinity is the time itself.
      return scene.sinceMs % (downMs + upMs) < downMs ? fail(scene, 'unavailable') : null;
    },
  },
  overloaded: failing('overloaded', 'Says that it is overloaded: 529 from Anthropic, 503 from the others.'),
  'rate-limit': {
    doc: 'Answers 429 and says when to come back (a retry-after header; Google: RetryInfo in the body).',
    parameters: ['afterMs', 'retryAfterMs'],
    apply: (scene) => fail(scene, 'rate-limit', { retryAfterMs: scene.parameters.retryAfterMs ?? 2_000 }),
  },
  quota: {
    doc: 'Answers 429 because the account has no quota left, for as long as `retryAfterMs` says, if it does.',
    parameters: ['afterMs', 'retryAfterMs'],
    apply: (scene) => fail(scene, 'quota', { retryAfterMs: scene.parameters.retryAfterMs ?? 0 }),
  },
  auth: failing('auth', 'Rejects the credential with 401.'),
  'model-not-found': failing('model-not-found', 'Answers 404: no such model.'),
  'context-too-large': failing('context-too-large', 'Rejects the prompt as too long with 400.'),
  'content-filter': {
    doc: 'Refuses the content: 400 from OpenAI, a refusal inside a 200 from the others.',
    parameters: ['afterMs'],
    apply: (scene) =>
      scene.codec.refusal === 'status'
        ? fail(scene, 'content-filter')
        : scene.answerWith({ parts: [], finish: 'content-filter' }),
  },
  'html-502': {
    doc: 'A proxy in front answers 502 with an HTML page.',
    parameters: ['afterMs'],
    apply: ({ parameters: { afterMs = ERROR_AFTER_MS } }) =>
      bodyScript({ status: 502, headers: { 'content-type': 'text/html' }, body: BAD_GATEWAY }, afterMs),
  },
  'empty-200': {
    doc: 'Answers 200 with an empty body.',
    parameters: [],
    apply: ({ healthy }) => ({
      ...healthy,
      frames: [],
      end: { atMs: healthy.head?.atMs ?? 0, how: 'complete' },
    }),
  },
  reset: {
    doc: 'Resets the connection before any header.',
    parameters: ['afterMs'],
    apply: ({ parameters: { afterMs = ERROR_AFTER_MS } }) => ({
      head: null,
      frames: [],
      end: { atMs: afterMs, how: 'reset' },
    }),
  },
  cut: {
    doc: 'Closes the connection in the middle of the answer (FIN): it looks like a clean end.',
    parameters: ['afterTokens'],
    apply: (scene) => cutAfter(scene.healthy, framesBefore(scene), 'fin'),
  },
  'cut-reset': {
    doc: 'Resets the connection in the middle of the answer (RST).',
    parameters: ['afterTokens'],
    apply: (scene) => cutAfter(scene.healthy, framesBefore(scene), 'reset'),
  },
  'no-end-marker': {
    doc: 'Sends the whole answer and its finish reason, then closes without [DONE] or message_stop.',
    parameters: [],
    apply: ({ healthy }) => ({
      ...healthy,
      frames: healthy.frames.filter((frame) => frame.kind !== 'end'),
      end: { atMs: healthy.end.atMs, how: 'fin' },
    }),
  },
  'held-open': {
    doc: 'Sends the whole answer and never closes the connection.',
    parameters: ['endMarker'],
    apply: ({ healthy, parameters: { endMarker = true } }) => ({
      ...healthy,
      frames: healthy.frames.filter((frame) => endMarker || frame.kind !== 'end'),
      end: { atMs: healthy.end.atMs, how: 'hang' },
    }),
  },
  'malformed-event': {
    doc: 'Sends one event that is not JSON, then goes on.',
    parameters: ['afterTokens'],
    apply: (scene) => insertAt(scene.healthy, framesBefore(scene), 'data: {"simulated": tru\n\n'),
  },
  'error-in-stream': {
    doc: 'Answers 200 and then sends an error event (not streamed: an error body under the 200).',
    parameters: ['afterTokens'],
    apply: (scene) => {
      const problem: Problem = { kind: 'overloaded' };
      const { codec, healthy, request } = scene;
      if (!request.stream) return bodyScript({ ...codec.error(problem), status: 200 }, healthy.end.atMs);
      const broken = cutAfter(healthy, framesBefore(scene), 'complete');
      return insertAt(broken, broken.frames.length, codec.errorEvent(problem));
    },
  },
  'invalid-json-answer': {
    doc: 'A well-formed response whose JSON answer violates the schema. Without a schema in the request: healthy.',
    parameters: [],
    apply: ({ request: { answer }, answerWith }) => {
      if (answer.type !== 'json') return null;
      const input = { simulated: 'this answer violates the schema' };
      return answer.tool === undefined
        ? answerWith({ parts: [{ type: 'text', text: JSON.stringify(input), sure: [] }], finish: 'stop' })
        : answerWith({ parts: [{ type: 'tool-call', name: answer.tool, input }], finish: 'tool-calls' });
    },
  },
  brownout: {
    doc: 'A provider in trouble: part of the calls fail as overloaded after a wait, the others are slow.',
    parameters: ['errorShare', 'afterMs', 'slowdown'],
    apply: (scene) => {
      const { errorShare = 0.5, afterMs = 1_000, slowdown = 10 } = scene.parameters;
      if (scene.random.next() >= errorShare) {
        return delay(scene.healthy, firstContentMs(scene.healthy) * (slowdown - 1));
      }
      return fail({ ...scene, parameters: { afterMs } }, 'overloaded');
    },
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

const BAD_GATEWAY =
  '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n';

function fail({ codec, parameters }: FaultScene, kind: ProblemKind, details: Partial<Problem> = {}): Script {
  return bodyScript(codec.error({ kind, ...details }), parameters.afterMs ?? ERROR_AFTER_MS);
}

/** Frames sent before a fault in the middle of the answer strikes. */
function framesBefore({ healthy, parameters }: FaultScene): number {
  return framesWithin(healthy, parameters.afterTokens);
}

function silence({ healthy, codec, request, parameters }: FaultScene, count: number): Script {
  const { forMs = Number.POSITIVE_INFINITY, resumes = true, pingEveryMs, pingWith = 'ping' } = parameters;
  const next = healthy.frames[count]?.text ?? '';
  const fill = (nth: number) => (pingWith === 'byte' ? next.charAt(nth) : codec.filler(pingWith, nth));
  return pauseAfter(healthy, count, {
    forMs,
    resumes,
    // Only an event stream can carry anything.
    ...(pingEveryMs !== undefined && request.stream && { pings: { everyMs: pingEveryMs, text: fill } }),
  });
}
