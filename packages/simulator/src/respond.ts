import { askedFault, withoutFault } from './asked-fault.ts';
import { callKey } from './fate.ts';
import { isObject, isTooDeep, parseJson } from './json.ts';
import { refusalScript } from './script.ts';
import { serve } from './serve.ts';
import { CODECS } from './wire/codecs.ts';
import type { AskedRules } from './asked-fault.ts';
import type { Fates } from './fate.ts';
import type { JsonObject } from './json.ts';
import type { OpenCall } from './journal.ts';
import type { ProviderState } from './provider-state.ts';
import type { SimulatedProvider } from './scenario/scenario.ts';
import type { Script } from './script.ts';
import type { Problem, SimRequest } from './wire/wire.ts';

/** A request as it arrived, from a socket or in process. */
export interface Incoming {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** `null`: larger than the limit, and not read. */
  readonly body: string | null;
}

/** Everything a response depends on besides the request. */
export interface World {
  readonly seed: number;
  readonly fates: Fates;
  /** By provider. */
  readonly states: ReadonlyMap<string, ProviderState>;
  /** Milliseconds since the simulator was created. */
  readonly sinceMs: () => number;
  readonly epochMs: () => number;
  /** Requests a provider has received before this one. */
  readonly requestNumber: (provider: string) => number;
}

export type CallFacts = Pick<OpenCall, 'provider' | 'wire' | 'model' | 'key' | 'fault' | 'body'>;

export interface Reply {
  readonly script: Script;
  readonly facts: CallFacts;
}

/** Turns a request into the script of its response. Nothing it reads is trusted; nothing it reads makes it throw. */
export function respond(incoming: Incoming, world: World): Reply {
  const [, name = '', path = '', query] = /^\/([^/?]*)([^?]*)(?:\?(.*))?$/.exec(incoming.path) ?? [];
  const state = world.states.get(name);
  const provider = state === undefined ? '' : name;
  const codec = CODECS[state?.provider.wire ?? 'openai'];
  const key = callKey(incoming.headers['x-paceline-call'], world.requestNumber(provider));
  const reply = (script: Script, seen: Partial<CallFacts> = {}): Reply => ({
    script,
    facts: { provider, wire: codec.format, model: '', key: key.text, fault: null, body: null, ...seen },
  });

  if (state === undefined) {
    const known = [...world.states.keys()].join(', ');
    const message = `No simulated provider is called "${name}". There are: ${known}.`;
    return reply(refusalScript(codec.error({ kind: 'not-found', message })));
  }
  const address = { path, parameters: new URLSearchParams(query) };
  const read = readCall(incoming, address, state.provider);
  if ('problem' in read) return reply(refusalScript(codec.error(read.problem)), read.seen);

  const { request, credential, asked, body } = read;
  const { model } = request;
  const rules = state.provider.faults ?? [];
  const rule = world.fates.decide({ provider, model, credential, key, rules, ...asked });
  const salt = `${world.seed}/${name}`;
  const [sinceMs, epochMs] = [world.sinceMs(), world.epochMs()];
  const { script, fault } = serve({ request, codec, state, credential, key, rule, salt, sinceMs, epochMs });
  return reply(script, { model, fault, body });
}

interface Address {
  /** After the provider's name. */
  readonly path: string;
  readonly parameters: URLSearchParams;
}

interface Readable {
  readonly request: SimRequest;
  /** '' when none was sent. */
  readonly credential: string;
  /** The fault this one request asks for. */
  readonly asked: AskedRules;
  readonly body: JsonObject;
}

interface Unreadable {
  readonly problem: Problem;
  /** What could be read of it. */
  readonly seen?: Partial<CallFacts>;
}

function readCall(incoming: Incoming, address: Address, provider: SimulatedProvider): Readable | Unreadable {
  const codec = CODECS[provider.wire];
  const { path, parameters } = address;
  const route = incoming.method === 'POST' ? codec.route(path, parameters) : undefined;
  if (route === undefined) return { problem: { kind: 'not-found' } };
  const credential = codec.credential(incoming.headers, parameters) ?? '';
  if (provider.requireKey === true && credential === '') return { problem: { kind: 'auth' } };
  if (incoming.body === null) return { problem: { kind: 'too-large' } };

  const body = parseJson(incoming.body) ?? null;
  if (isTooDeep(body)) return unreadable('The body is nested too deeply.');
  if (!isObject(body)) return unreadable('The body is not a JSON object.');
  const parsed = codec.parse(body, route);
  if ('invalid' in parsed) return unreadable(parsed.invalid, { body });
  const asked = askedFault(incoming.headers['x-paceline-fault'], parsed.request.model);
  if ('invalid' in asked) return unreadable(asked.invalid, { body });
  const request = { ...parsed.request, model: withoutFault(parsed.request.model) };
  if (provider.prefill === false && request.messages.at(-1)?.role === 'assistant') {
    return { problem: { kind: 'prefill' }, seen: { model: request.model, body } };
  }
  return { request, credential, asked, body };
}

const unreadable = (message: string, seen: Partial<CallFacts> = {}): Unreadable => ({
  problem: { kind: 'invalid-request', message },
  seen,
});
