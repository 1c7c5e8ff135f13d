import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '../simulator.ts';
import { requestOf, WIRES } from './requests.ts';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { JsonObject } from '../json.ts';
import type { SimulatedProvider } from '../scenario/scenario.ts';
import type { Simulator } from '../simulator.ts';
import type { WireFormat } from '../wire/wire.ts';
import type { Ask } from './requests.ts';

export interface World {
  readonly clock: VirtualClock;
  readonly sim: Simulator;
}

/** A simulator under virtual time with one provider per format, each called like its format. */
export function createWorld(settings: Partial<SimulatedProvider> = {}, seed = 1): World {
  const clock = createVirtualClock();
  const providers = Object.fromEntries(WIRES.map((wire) => [wire, { ...settings, wire }]));
  return { clock, sim: createSimulator({ seed, clock, scenario: { providers } }) };
}

/** `fetch`, told what to ask. */
export type Send = (wire: WireFormat, ask: Ask) => Promise<Response>;

export const sender =
  (fetch: Simulator['fetch'], origin: string): Send =>
  (wire, ask) => {
    const { path, body } = requestOf(wire, ask);
    return fetch(`${origin}${path}`, {
      method: 'POST',
      headers: {
        ...(ask.call !== undefined && { 'x-paceline-call': ask.call }),
        ...(ask.credential !== undefined && { authorization: `Bearer ${ask.credential}` }),
        ...(ask.fault !== undefined && { 'x-paceline-fault': ask.fault }),
      },
      body: JSON.stringify(body),
      signal: ask.signal ?? null,
    });
  };

/** Everything a client sees of one response. */
export interface Observed {
  /** `null`: no headers came. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly headersMs: number | null;
  readonly text: string;
  readonly chunks: readonly { readonly atMs: number; readonly text: string }[];
  /** `silent`: it was still open when the client gave up. */
  readonly end: 'closed' | 'reset' | 'silent';
  readonly endMs: number;
}

/** Longer than any finite fault lasts. */
const GIVE_UP_MS = 700_000;

/** Asks in process and watches until the end, or for more than eleven minutes of virtual time. */
export async function observe(wire: WireFormat, ask: Ask, { clock, sim }: World): Promise<Observed> {
  const giveUp = new AbortController();
  const timer = clock.setTimer(GIVE_UP_MS, () => giveUp.abort('gave up'));
  const send = sender(sim.fetch, 'http://simulator.invalid');
  const observed = await clock.run(watch(send(wire, { ...ask, signal: giveUp.signal }), () => clock.nowMs()));
  timer.cancel();
  return observed;
}

/** Watches a response to its end, however it ends. */
export async function watch(responding: Promise<Response>, nowMs: () => number): Promise<Observed> {
  const startMs = nowMs();
  const chunks: { atMs: number; text: string }[] = [];
  let head: Pick<Observed, 'status' | 'headers' | 'headersMs'> = {
    status: null,
    headers: {},
    headersMs: null,
  };
  let end: Observed['end'] = 'closed';
  try {
    const response = await responding;
    head = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      headersMs: nowMs() - startMs,
    };
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      chunks.push({ atMs: nowMs() - startMs, text: decoder.decode(bytes, { stream: true }) });
    }
  } catch (error) {
    end = error === 'gave up' ? 'silent' : 'reset';
  }
  return { ...head, text: chunks.map(({ text }) => text).join(''), chunks, end, endMs: nowMs() - startMs };
}

/** A server-sent event. */
export interface Event {
  readonly event?: string;
  /** `undefined` where the data is not a JSON object. */
  readonly json: JsonObject | undefined;
  readonly data: string;
}

/** The events of a stream; comments are left out. */
export function eventsOf(text: string): readonly Event[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const [, event] = /^event: (.*)$/m.exec(block) ?? [];
      const [, data = ''] = /^data: (.*)$/m.exec(block) ?? [];
      return { ...(event === undefined ? {} : { event }), data, json: jsonOf(data) };
    });
}

/** The JSON of the events, in order. */
export function jsonEventsOf(text: string): readonly JsonObject[] {
  return eventsOf(text)
    .map(({ json }) => json)
    .filter((json) => json !== undefined);
}

function jsonOf(data: string): JsonObject | undefined {
  try {
    return JSON.parse(data) as JsonObject;
  } catch {
    return undefined;
  }
}
