import { throughCache } from './cache/through-cache.ts';
import type { Asked } from './cache/through-cache.ts';
import { didYouMean } from './did-you-mean.ts';
import { enter } from './enter.ts';
import { GatewayError } from './errors.ts';
import { failover } from './failover.ts';
import { callOptions } from './messages.ts';
import { planCall } from './plan-call.ts';
import { roundUsd } from './meter/usd.ts';
import { promptTokensOf } from './meter/usage.ts';
import type { TextListener } from './call.ts';
import type { Served } from './failover.ts';
import type { Gate, Route } from './gate.ts';
import type { ModelRequest } from './request.ts';
import type { FinishReason, ModelResult, Usage } from './result.ts';

/** One call: an answer that an equal one was given, or route, plan, attempts, result. */
export async function generate(
  request: ModelRequest,
  gate: Gate,
  onText?: TextListener,
): Promise<ModelResult> {
  const startedMs = gate.clock.nowMs();
  let ok = false;
  try {
    const route = findRoute(request, gate);
    const asked: Asked = { request, route, startedMs, onText };
    const result = await throughCache(asked, gate, () => ask(asked, gate));
    ok = true;
    gate.log?.call(request, { result, ms: gate.clock.nowMs() - startedMs });
    return result;
  } catch (thrown) {
    const error = gate.redactor.error(thrown);
    gate.log?.call(request, { error, ms: gate.clock.nowMs() - startedMs });
    throw error;
  } finally {
    gate.emit('call-end', { call: request.call, ok, ms: gate.clock.nowMs() - startedMs });
  }
}

async function ask({ request, route, startedMs, onText }: Asked, gate: Gate): Promise<ModelResult> {
  const leave = await enter(request, gate);
  try {
    const promptTokens = promptTokensOf(request);
    const money = gate.caps.meterFor(request);
    await gate.monthly?.ready();
    const plan = planCall({ request, promptTokens, route, money }, gate);
    const options = callOptions(request);
    const call = { request, options, promptTokens, route, plan, money, startedMs, onText };
    const served = await failover(call, gate);
    if (served.usage !== null) gate.latencies.recordLength(route.name, served.usage.outputTokens);
    return resultOf(served, gate.clock.nowMs() - startedMs);
  } finally {
    leave();
  }
}

function findRoute({ route: name, messages }: ModelRequest, gate: Gate): Route {
  const route = gate.routes.get(name);
  if (route === undefined) {
    const known = [...gate.routes.keys()];
    throw new GatewayError('REQUEST_INVALID', `No route named ${name}. ${didYouMean(name, known)}`);
  }
  if (messages.length === 0) throw new GatewayError('REQUEST_INVALID', 'Expected at least one message.');
  return route;
}

function resultOf({ collected, usage, servedBy, attempts }: Served, ms: number): ModelResult {
  const { text, toolCalls, finish, logprobs } = collected;
  return {
    text,
    toolCalls,
    // A complete answer has both; one that the model ended with an error, or a filter, is not complete.
    finishReason: finish?.unified as FinishReason,
    usage: usage as Usage,
    ...(logprobs !== null && { logprobs }),
    servedBy,
    costUsd: totalUsd(attempts.map(({ costUsd }) => costUsd)),
    savedUsd: totalUsd(attempts.map(({ savedUsd }) => savedUsd)),
    attempts,
    ms,
  };
}

/** One unknown makes the sum unknown. */
function totalUsd(costs: readonly (number | null)[]): number | null {
  return costs.reduce((sum, cost) => (sum === null || cost === null ? null : roundUsd(sum + cost)), 0);
}
