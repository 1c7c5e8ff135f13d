import { seededRandom } from '@paceline/resilience';
import { answerTo } from './answers/answer.ts';
import { delay } from './edit-script.ts';
import { FAULTS } from './faults.ts';
import { latencyOf } from './latency.ts';
import { answerScript, refusalScript } from './script.ts';
import { writeAnswer } from './answers/write-answer.ts';
import { NOTHING_CACHED } from './wire/wire.ts';
import type { Random } from '@paceline/resilience';
import type { CallKey } from './fate.ts';
import type { Draft } from './answers/write-answer.ts';
import type { Fault, FaultName, FaultScene } from './faults.ts';
import type { LatencyModel } from './latency.ts';
import type { ProviderState } from './provider-state.ts';
import type { FaultRule, SimulatedProvider } from './scenario/scenario.ts';
import type { Script } from './script.ts';
import type { Answer, CachedTokens, SimRequest, WireCodec } from './wire/wire.ts';

/** All that a response to a readable request is made from. */
export interface Materials {
  readonly request: SimRequest;
  readonly codec: WireCodec;
  readonly state: ProviderState;
  /** '' when none was sent. */
  readonly credential: string;
  readonly key: CallKey;
  readonly rule: FaultRule | undefined;
  /** Seed and provider. */
  readonly salt: string;
  /** Since the simulator was created. */
  readonly sinceMs: number;
  readonly epochMs: number;
}

export interface Served {
  readonly script: Script;
  /** `null`: healthy. */
  readonly fault: FaultName | null;
}

/** The rate limit, the healthy response, what the fault makes of it, and the queue in front of the model. */
export function serve(materials: Materials): Served {
  const { request, codec, state, credential, epochMs } = materials;
  const written = write(answerTo(request, state.provider), materials);
  const { inputTokens, outputTokens } = written.answer.usage;
  const rate = state.limiter(credential)?.take(inputTokens + outputTokens);
  const headers = codec.rateLimitHeaders(rate?.allowances ?? [], epochMs);
  if (rate?.exceeded) {
    const reply = codec.error({ kind: 'rate-limit', ...rate.exceeded });
    return healthy(refusalScript({ ...reply, headers: { ...reply.headers, ...headers } }));
  }
  const cached =
    state.prompts(credential, request.model)?.read(request, codec.promptCaching) ?? NOTHING_CACHED;
  const scriptOf = (each: Written): Script => timed(each, materials, { headers, cached });
  const served = strike(scriptOf(written), materials, (draft) => scriptOf(write(draft, materials)));
  return queued(served, materials);
}

const healthy = (script: Script): Served => ({ script, fault: null });

/** An answer, and the random sequence that wrote it and goes on to time it. */
interface Written {
  readonly answer: Answer;
  readonly random: Random;
}

function write(draft: Draft, { request, salt, key }: Materials): Written {
  const random = seededRandom(`${salt}/${key.text}`);
  return { answer: writeAnswer(draft, request, random), random };
}

interface Billing {
  /** What the provider says about its rate limits. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cached: CachedTokens;
}

function timed({ answer, random }: Written, materials: Materials, { headers, cached }: Billing): Script {
  const { request, codec, state } = materials;
  const billed = { ...answer, usage: { ...answer.usage, ...cached } };
  return answerScript(billed, codec, { latency: latencyFor(state.provider, request.model), random, headers });
}

function latencyFor({ models = {}, latency }: SimulatedProvider, model: string): LatencyModel {
  const own = Object.hasOwn(models, model) ? models[model] : undefined;
  return own ?? latency ?? latencyOf(model);
}

/** What the call's fault makes of the script, if it has one that finds something to break. */
function strike(script: Script, materials: Materials, answerWith: FaultScene['answerWith']): Served {
  const { request, codec, rule, salt, key, sinceMs } = materials;
  if (rule === undefined) return healthy(script);
  const fault: Fault = FAULTS[rule.fault];
  const random = seededRandom(`${salt}/${key.text}/${rule.fault}`);
  const scene = { healthy: script, request, codec, parameters: rule, answerWith, random, sinceMs };
  const struck = fault.apply(scene);
  return struck === null ? healthy(script) : { script: struck, fault: rule.fault };
}

/** Only what reaches the model waits for it: a call that is refused, or whose connection is reset, does not. */
function queued(served: Served, { state, codec, sinceMs }: Materials): Served {
  if (state.queue === null || served.script.head?.status !== 200) return served;
  const waitMs = state.queue.waitMs(sinceMs);
  if (waitMs === null) return healthy(refusalScript(codec.error({ kind: 'overloaded' })));
  return { ...served, script: delay(served.script, waitMs) };
}
