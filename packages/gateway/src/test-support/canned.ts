import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { createGateway } from '../index.ts';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createWorld, TARGETS } from './world.ts';
import type { AnswerFormat, Gateway, GatewayConfig, ModelRequest } from '../index.ts';
import type { WireName } from './world.ts';

/** How a canned response ends: closed, reset, or never. */
export type CannedEnd = 'fin' | 'reset' | 'open';

export interface Canned {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly chunks: readonly (string | Uint8Array)[];
  readonly end?: CannedEnd;
}

/** A fetch that answers every request with the same bytes, never looks at its signal, and remembers what happened. */
export function cannedFetch(canned: Canned) {
  const { status = 200, headers = { 'content-type': 'text/event-stream' }, chunks, end = 'fin' } = canned;
  const state = { hungUp: false, bytes: 0 };
  const requests: { readonly url: string; readonly headers: Headers; readonly body: unknown }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    requests.push({
      url: String(input),
      headers: new Headers(init?.headers),
      body: JSON.parse(String(init?.body)),
    });
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks[at++];
        if (chunk !== undefined) {
          state.bytes += chunk.length;
          controller.enqueue(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
        } else if (end === 'reset') controller.error(new TypeError('terminated'));
        else if (end === 'fin') controller.close();
        else return new Promise(() => {});
        return undefined;
      },
      cancel: () => void (state.hungUp = true),
    });
    return new Response(body, { status, headers });
  };
  return { fetch, requests, state };
}

/** A gateway with one target whose upstream is the given fetch; nothing is retried. */
export function cannedGateway(
  wire: WireName,
  fetch: typeof globalThis.fetch,
  config: Partial<GatewayConfig> = {},
) {
  const clock = createVirtualClock();
  const gateway: Gateway = createGateway({
    roles: { classify: [TARGETS[wire]] },
    providers: { [wire]: { wire, baseUrl: 'http://upstream.test/v1' } },
    policy: { failover: false },
    fetch,
    clock,
    ...config,
  });
  return { clock, gateway };
}

const LABEL_ANSWER: AnswerFormat = {
  type: 'json',
  name: 'label',
  schema: {
    type: 'object',
    properties: { label: { type: 'string', enum: ['refund', 'bug'] } },
    required: ['label'],
    additionalProperties: false,
  },
};

export const request = (overrides: Partial<ModelRequest> = {}): ModelRequest => ({
  route: 'classify',
  messages: [{ role: 'user', text: 'Hello' }],
  answer: { type: 'text' },
  deadline: { atMs: 20_000 },
  signal: new AbortController().signal,
  call: { runId: 'run-r0', step: 'triage', turn: 0 },
  ...overrides,
});

/** The bytes of one healthy streamed answer, as the simulated provider sends them; a label as JSON, to be short. */
export async function recordedStream(wire: WireName): Promise<Uint8Array> {
  const bytes: Uint8Array[] = [];
  const world = createWorld();
  const recording: typeof globalThis.fetch = async (input, init) => {
    const response = await world.simulator.fetch(input, init);
    const recorder = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes.push(chunk);
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(recorder) ?? null, response);
  };
  const recorded = createGateway({
    roles: { classify: [TARGETS[wire]] },
    providers: world.simulator.providers(),
    fetch: recording,
    clock: world.clock,
  });
  await world.clock.run(recorded.generate(world.ask({ answer: LABEL_ANSWER })));
  return Buffer.concat(bytes);
}

/** A stream of an AI SDK model of one's own. */
export function partsStream(
  parts: readonly LanguageModelV4StreamPart[],
): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}
