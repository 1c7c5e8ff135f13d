import { seededRandom } from '@paceline/resilience';
import { answerTo } from './answers/answer.ts';
import { askedFault, withoutFault } from './asked-fault.ts';
import { callKey } from './fate.ts';
import { FAULTS } from './faults.ts';
import { isObject, isTooDeep, parseJson } from './json.ts';
import { latencyOf } from './latency.ts';
import { answerScript, bodyScript } from './script.ts';
import { CODECS } from './wire/codecs.ts';
import { writeAnswer } from './answers/write-answer.ts';
import type { CallKey, Fates } from './fate.ts';
import type { Draft } from './answers/write-answer.ts';
import type { Fault, FaultName } from './faults.ts';
import type { LatencyModel } from './latency.ts';
import type { OpenCall } from './journal.ts';
import type { FaultRule, Scenario, SimulatedProvider } from './scenario/scenario.ts';
import type { Script } from './script.ts';
import type { Problem, SimRequest, WireCodec } from './wire/wire.ts';

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
  readonly scenario: Scenario;
  readonly fates: Fates;
  /** Milliseconds since the simulator was created. */
  readonly sinceMs: () => number;
  /** Requests a provider has received before this one. */
  readonly requestNumber: (provider: string) => number;
}

export type CallFacts = Pick<OpenCall, 'provider' | 'wire' | 'model' | 'key' | 'fault' | 'body'>;

export interface Reply {
  readonly script: Script;
  readonly facts: CallFacts;
}

/** Time until a bad request is turned down. */
const REJECT_AFTER_MS = 5;

/** Turns a request into the script of its response. Nothing it reads is trusted; nothing it reads makes it throw. */
export function respond(incoming: Incoming, world: World): Reply {
  const [, name = '', path = '', query] = /^\/([^/?]*)([^?]*)(?:\?(.*))?$/.exec(incoming.path) ?? [];
  const parameters = new URLSearchParams(query);
  const provider = Object.hasOwn(world.scenario.providers, name) ? world.scenario.providers[name] : undefined;
  const codec = CODECS[provider?.wire ?? 'openai'];
  const key = callKey(
    incoming.headers['x-paceline-call'],
    world.requestNumber(provider === undefined ? '' : name),
  );
  const facts: CallFacts = {
    provider: provider === undefined ? '' : name,
    wire: codec.format,
    model: '',
    key: key.text,
    fault: null,
    body: null,
  };
  const reject = (problem: Problem, seen: Partial<CallFacts> = {}): Reply => ({
    script: bodyScript(codec.error(problem), REJECT_AFTER_MS),
    facts: { ...facts, ...seen },
  });

  if (provider === undefined) {
    const known = Object.keys(world.scenario.providers).join(', ');
    return reject({
      kind: 'not-found',
      message: `No simulated provider is called "${name}". There are: ${known}.`,
    });
  }
  const route = incoming.method === 'POST' ? codec.route(path, parameters) : undefined;
  if (route === undefined) return reject({ kind: 'not-found' });
  const credential = codec.credential(incoming.headers, parameters);
  if (provider.requireKey === true && !credential) return reject({ kind: 'auth' });
  if (incoming.body === null) return reject({ kind: 'too-large' });

  const body = parseJson(incoming.body) ?? null;
  if (isTooDeep(body)) return reject({ kind: 'invalid-request', message: 'The body is nested too deeply.' });
  if (!isObject(body)) return reject({ kind: 'invalid-request', message: 'The body is not a JSON object.' });
  const parsed = codec.parse(body, route);
  if ('invalid' in parsed) return reject({ kind: 'invalid-request', message: parsed.invalid }, { body });

  const asked = askedFault(incoming.headers['x-paceline-fault'], parsed.request.model);
  if ('invalid' in asked) return reject({ kind: 'invalid-request', message: asked.invalid }, { body });
  const request = { ...parsed.request, model: withoutFault(parsed.request.model) };
  if (provider.prefill === false && request.messages.at(-1)?.role === 'assistant') {
    return reject({ kind: 'prefill' }, { model: request.model, body });
  }
  const rule = world.fates.decide({
    provider: name,
    model: request.model,
    key,
    rules: provider.faults ?? [],
    ...asked,
  });
  const { sinceMs } = world;
  const salt = `${world.seed}/${name}`;
  const { script, fault } = write({ request, codec, provider, key, rule, salt, sinceMs: sinceMs() });
  return { script, facts: { ...facts, model: request.model, fault, body } };
}

/** All that a response to a readable request is made from. */
interface Materials {
  readonly request: SimRequest;
  readonly codec: WireCodec;
  readonly provider: SimulatedProvider;
  readonly key: CallKey;
  readonly rule: FaultRule | undefined;
  /** Seed and provider. */
  readonly salt: string;
  readonly sinceMs: number;
}

/** The healthy response, then what the fault makes of it. */
function write(materials: Materials): { readonly script: Script; readonly fault: FaultName | null } {
  const { request, codec, provider, key, rule, salt, sinceMs } = materials;
  const latency = latencyFor(provider, request.model);
  const answerWith = (draft: Draft): Script => {
    const random = seededRandom(`${salt}/${key.text}`);
    return answerScript(writeAnswer(draft, request, random), codec, { latency, random });
  };
  const healthy = answerWith(answerTo(request, provider.answer));
  if (rule === undefined) return { script: healthy, fault: null };
  const fault: Fault = FAULTS[rule.fault];
  const random = seededRandom(`${salt}/${key.text}/${rule.fault}`);
  const script = fault.apply({ healthy, request, codec, parameters: rule, answerWith, random, sinceMs });
  return script === null ? { script: healthy, fault: null } : { script, fault: rule.fault };
}

function latencyFor({ models = {}, latency }: SimulatedProvider, model: string): LatencyModel {
  const own = Object.hasOwn(models, model) ? models[model] : undefined;
  return own ?? latency ?? latencyOf(model);
}
