import { bodyScript } from './script.ts';
import type { Random } from '@paceline/resilience';
import type { Draft } from './write-answer.ts';
import type { Script, TimedFrame } from './script.ts';
import type { Problem, ProblemKind, SimRequest, WireCodec } from './wire/wire.ts';

/** Settings of a fault. Each fault reads only those its entry in `FAULTS` names. */
export interface FaultParameters {
  /** Output tokens sent before it strikes. 0: before any content. @default half of the answer, at least 1 */
  readonly afterTokens?: number;
  /** When the error or the reset comes, after the request. @default 40, for `brownout` 1_000 */
  readonly afterMs?: number;
  /** How long the silence lasts; then the answer goes on. @default forever */
  readonly forMs?: number;
  /** Sends the provider's keep-alive this often during the silence, for at most ten minutes. @default never */
  readonly pingEveryMs?: number;
  /** When the first token comes, if it would come earlier. @default 20_000 */
  readonly firstTokenMs?: number;
  /** The wait the provider asks for. 0: it gives no hint. @default 2_000 */
  readonly retryAfterMs?: number;
  /** Share of the calls that fail, 0 to 1; the others are slow. @default 0.5 */
  readonly errorShare?: number;
  /** Factor on the first token's time. @default 10 */
  readonly slowdown?: number;
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
}

export interface Fault {
  /** One line for people who choose a fault. */
  readonly doc: string;
  readonly parameters: readonly (keyof FaultParameters)[];
  /** Turns the healthy response into the faulty one; `null` when there is nothing here it could break. */
  apply(scene: FaultScene): Script | null;
}

/** Every fault the simulator knows, each in every wire format. */
export const FAULTS = {
  stall: {
    doc: 'Sends headers, then nothing.',
    parameters: ['forMs', 'pingEveryMs'],
    apply: (scene) => pause(scene, 0),
  },
  'stall-silent': {
    doc: 'Accepts the request and sends nothing at all, not even headers.',
    parameters: ['forMs'],
    apply: ({ healthy, parameters: { forMs = Number.POSITIVE_INFINITY } }) =>
      forMs === Number.POSITIVE_INFINITY
        ? { head: null, frames: [], end: { atMs: 0, how: 'hang' } }
        : delayed(healthy, forMs),
  },
  'stall-mid': {
    doc: 'Sends part of the answer, then goes silent.',
    parameters: ['afterTokens', 'forMs', 'pingEveryMs'],
    apply: (scene) => pause(scene, framesUpTo(scene)),
  },
  slow: {
    doc: 'Sends headers, and the first token much later.',
    parameters: ['firstTokenMs', 'pingEveryMs'],
    apply: (scene) => {
      const { firstTokenMs = 20_000 } = scene.parameters;
      const forMs = Math.max(0, firstTokenMs - firstContentMs(scene.healthy));
      return pause({ ...scene, parameters: { ...scene.parameters, forMs } }, 0);
    },
  },
  'error-500': {
    doc: 'Answers 500 with an error body.',
    parameters: ['afterMs'],
    apply: (scene) => fail(scene, 'internal'),
  },
  'unavailable-503': {
    doc: 'Answers 503 with an error body.',
    parameters: ['afterMs'],
    apply: (scene) => fail(scene, 'unavailable'),
  },
  overloaded: {
    doc: 'Says that it is overloaded: 529 from Anthropic, 503 from the others.',
    parameters: ['afterMs'],
    apply: (scene) => fail(scene, 'overloaded'),
  },
  'rate-limit': {
    doc: 'Answers 429 and says when to come back (a retry-after header; Google: RetryInfo in the body).',
    parameters: ['afterMs', 'retryAfterMs'],
    apply: (scene) => fail(scene, 'rate-limit', { retryAfterMs: scene.parameters.retryAfterMs ?? 2_000 }),
  },
  quota: {
    doc: 'Answers 429 because the account has no quota left: coming back does not help.',
    parameters: ['afterMs'],
    apply: (scene) => fail(scene, 'quota'),
  },
  auth: {
    doc: 'Rejects the credential with 401.',
    parameters: ['afterMs'],
    apply: (scene) => fail(scene, 'auth'),
  },
  'model-not-found': {
    doc: 'Answers 404: no such model.',
    parameters: ['afterMs'],
    apply: (scene) => fail(scene, 'model-not-found'),
  },
  'context-too-large': {
    doc: 'Rejects the prompt as too long with 400.',
    parameters: ['afterMs'],
    apply: (scene) => fail(scene, 'context-too-large'),
  },
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
    apply: (scene) => stopAfter(scene.healthy, framesUpTo(scene), 'fin'),
  },
  'cut-reset': {
    doc: 'Resets the connection in the middle of the answer (RST).',
    parameters: ['afterTokens'],
    apply: (scene) => stopAfter(scene.healthy, framesUpTo(scene), 'reset'),
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
    apply: (scene) => insert(scene.healthy, framesUpTo(scene), 'data: {"simulated": tru\n\n'),
  },
  'error-in-stream': {
    doc: 'Answers 200 and then sends an error event (not streamed: an error body under the 200).',
    parameters: ['afterTokens'],
    apply: (scene) => {
      const problem: Problem = { kind: 'overloaded' };
      const { codec, healthy, request } = scene;
      if (!request.stream) return bodyScript({ ...codec.error(problem), status: 200 }, healthy.end.atMs);
      const broken = stopAfter(healthy, framesUpTo(scene), 'complete');
      return insert(broken, broken.frames.length, codec.errorEvent(problem));
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
      if (scene.random.next() >= errorShare) return slowed(scene.healthy, slowdown);
      return fail({ ...scene, parameters: { afterMs } }, 'overloaded');
    },
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

/** An error needs no tokens: it comes quickly. */
const ERROR_AFTER_MS = 40;

/** Ten minutes: no client waits longer, and a script has to end. */
const PINGS_FOR_MS = 600_000;

const BAD_GATEWAY =
  '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n';

function fail({ codec, parameters }: FaultScene, kind: ProblemKind, details: Partial<Problem> = {}): Script {
  return bodyScript(codec.error({ kind, ...details }), parameters.afterMs ?? ERROR_AFTER_MS);
}

/** How many frames it takes to send `afterTokens` tokens; always short of the finish. */
function framesUpTo({ healthy, parameters }: FaultScene): number {
  const total = healthy.frames.reduce((sum, frame) => sum + frame.tokens, 0);
  let left = parameters.afterTokens ?? Math.max(1, Math.floor(total / 2));
  const at = healthy.frames.findIndex((frame) => {
    if (frame.kind === 'finish' || (frame.kind !== 'open' && left <= 0)) return true;
    left -= frame.tokens;
    return false;
  });
  return at === -1 ? healthy.frames.length : at;
}

function firstContentMs({ frames, end }: Script): number {
  return frames.find((frame) => frame.kind !== 'open')?.atMs ?? end.atMs;
}

function stopAfter(
  { head, frames }: Script,
  count: number,
  how: 'fin' | 'reset' | 'complete' | 'hang',
): Script {
  const kept = frames.slice(0, count);
  return { head, frames: kept, end: { atMs: kept.at(-1)?.atMs ?? head?.atMs ?? 0, how } };
}

function insert(script: Script, at: number, text: string): Script {
  const atMs = script.frames[at - 1]?.atMs ?? script.head?.atMs ?? 0;
  const noise: TimedFrame = { kind: 'noise', text, tokens: 0, atMs };
  return { ...script, frames: script.frames.toSpliced(at, 0, noise) };
}

/** Silence after the first `count` frames: for a time, or for good. */
function pause({ healthy, codec, parameters }: FaultScene, count: number): Script {
  const { forMs = Number.POSITIVE_INFINITY, pingEveryMs } = parameters;
  const before = stopAfter(healthy, count, 'hang');
  const pings: TimedFrame[] = [];
  if (pingEveryMs !== undefined) {
    const lastMs = Math.min(forMs, PINGS_FOR_MS);
    for (let sinceMs = pingEveryMs; sinceMs < lastMs; sinceMs += pingEveryMs) {
      pings.push({ kind: 'noise', text: codec.ping, tokens: 0, atMs: before.end.atMs + sinceMs });
    }
  }
  const frames = [...before.frames, ...pings];
  if (forMs === Number.POSITIVE_INFINITY) return { ...before, frames };
  const rest = healthy.frames.slice(count).map((frame) => ({ ...frame, atMs: frame.atMs + forMs }));
  return {
    head: healthy.head,
    frames: [...frames, ...rest],
    end: { ...healthy.end, atMs: healthy.end.atMs + forMs },
  };
}

/** The same, but everything comes later. */
function delayed({ head, frames, end }: Script, byMs: number): Script {
  return {
    head: head === null ? null : { ...head, atMs: head.atMs + byMs },
    frames: frames.map((frame) => ({ ...frame, atMs: frame.atMs + byMs })),
    end: { ...end, atMs: end.atMs + byMs },
  };
}

/** The first token takes `factor` times as long; after it the pace is normal. */
function slowed(script: Script, factor: number): Script {
  return delayed(script, firstContentMs(script) * (factor - 1));
}
