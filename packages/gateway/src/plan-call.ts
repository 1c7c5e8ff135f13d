import { sizeClass } from './latency-book.ts';
import { expectedUsage } from './meter/usage.ts';
import { planRoute } from './route/plan.ts';
import { rankTargets } from './route/rank.ts';
import type { Gate, Route } from './gate.ts';
import type { ModelRequest } from './request.ts';
import type { Plan, TargetHealth } from './route/plan.ts';
import type { RankBasis, UsualTime } from './route/rank.ts';
import type { Target } from './targets.ts';

/** What is to be planned. */
export interface Errand {
  readonly request: ModelRequest;
  readonly promptTokens: number;
  readonly route: Route;
}

/** Ranks the route's targets by its strategy, then plans by their health as it is now. Tells the listeners. */
export function planCall({ request, promptTokens, route }: Errand, gate: Gate): Plan {
  const groups = route.groups.map(({ targets, weight }) => ({
    weight,
    targets: targets.map((target) => healthOf(target, request.tenant)),
  }));
  const ranked = rankTargets(groups, basisFor({ request, promptTokens, route }, gate));
  const plan = planRoute(ranked, gate.failover);
  gate.emit('call-plan', { call: request.call, route: route.name, strategy: route.strategy, ...plan });
  return plan;
}

function healthOf({ name, breaker, denials, provider }: Target, tenant: string | undefined): TargetHealth {
  return {
    name,
    shutForMs: breaker.retryInMs,
    recovering: breaker.phase === 'probing',
    missingKey: provider.missingKey(),
    missingPackage: provider.missingPackage(),
    denied: denials.of(tenant ?? '')?.code ?? null,
    otherTenant: !provider.serves(tenant),
  };
}

function basisFor({ request, promptTokens, route }: Errand, gate: Gate): RankBasis {
  const { clock, latencies, random, contests, targets } = gate;
  const answerTokens = (): number =>
    Math.min(latencies.usualLength(route.name), request.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  const firstChunk = (name: string): UsualTime => {
    const view = latencies.firstChunk(name, promptTokens);
    return { ms: view?.p50Ms ?? null, samples: view?.samples ?? 0 };
  };
  return {
    strategy: route.strategy,
    conversation: request.conversation ?? request.call.runId,
    promptClass: sizeClass(promptTokens),
    random,
    contests,
    price: (name) =>
      targets
        .get(name)
        ?.price(expectedUsage({ inputTokens: promptTokens, outputTokens: answerTokens() }), clock.epochMs())
        .usd ?? null,
    firstChunk,
    wholeAnswer(name) {
      const { ms, samples } = firstChunk(name);
      // A target of which only short answers are known is judged by its first chunk.
      const speed = latencies.tokensPerSecond(name) ?? Number.POSITIVE_INFINITY;
      return { ms: ms === null ? null : ms + (1_000 * answerTokens()) / speed, samples };
    },
  };
}
