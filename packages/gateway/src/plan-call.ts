import { lackOf, needOf } from './catalog/lacks.ts';
import { checkCapable } from './incapable.ts';
import { sizeClass } from './latency-book.ts';
import { expectedUsage } from './meter/usage.ts';
import { KNOWN_HOSTS } from './providers/hosts.ts';
import { barFor } from './parking.ts';
import { planRoute } from './route/plan.ts';
import { rankTargets } from './route/rank.ts';
import { lacksPrice } from './spend/hold.ts';
import type { Need } from './catalog/lacks.ts';
import type { Gate, Route } from './gate.ts';
import type { Provider } from './providers/registry.ts';
import type { ModelRequest, MoneyMeter } from './request.ts';
import type { Plan, TargetHealth } from './route/plan.ts';
import type { RankBasis, UsualTime } from './route/rank.ts';
import type { Target } from './targets.ts';

/** What is to be planned. */
export interface Errand {
  readonly request: ModelRequest;
  readonly promptTokens: number;
  readonly route: Route;
  readonly money: MoneyMeter | undefined;
}

/**
 * Ranks the route's targets by its strategy, then plans by their health as it is now. Tells the listeners.
 * @throws GatewayError `CAPABILITY_MISSING` or `CONTEXT_TOO_LARGE` where no model of the route can serve such a request
 */
export function planCall(errand: Errand, gate: Gate): Plan {
  const { request, route, promptTokens } = errand;
  const need = gate.checksModels ? needOf(request, promptTokens) : null;
  const groups = route.groups.map(({ targets, weight }) => ({
    weight,
    targets: targets.map((target) => healthOf(target, { ...errand, need }, gate)),
  }));
  const ranked = rankTargets(groups, basisFor(errand, gate));
  const plan = planRoute(ranked, gate.failover);
  gate.emit('call-plan', { call: request.call, route: route.name, strategy: route.strategy, ...plan });
  if (need !== null) checkCapable(plan, need, { route: route.name, gate });
  return plan;
}

/** An errand, and what it asks of a model; `null`: whatever it is, no model is passed over for it. */
interface Asked extends Errand {
  readonly need: Need | null;
}

function healthOf(target: Target, errand: Asked, gate: Gate): TargetHealth {
  const { name, breaker, provider } = target;
  const {
    need,
    request: { tenant },
  } = errand;
  return {
    name,
    shutForMs: breaker.retryInMs,
    recovering: breaker.phase === 'probing',
    missingKey: provider.missingKey(),
    missingPackage: provider.missingPackage(),
    lacks: need && lackOf(asSent(need, provider), target.info()),
    denied: barFor(target, tenant ?? '')?.code ?? null,
    otherTenant: !provider.serves(tenant),
    share: provider.share,
    unpriced: lacksPrice(target, errand, gate),
  };
}

/** A host that takes no schema is asked for JSON as such, which every model can write. */
function asSent(need: Need, { name }: Provider): Need {
  const takesSchemas = !Object.hasOwn(KNOWN_HOSTS, name) || KNOWN_HOSTS[name]?.schemas !== false;
  return takesSchemas ? need : { ...need, schema: false };
}

function basisFor(errand: Errand, gate: Gate): RankBasis {
  const { request, promptTokens, route } = errand;
  const { clock, latencies, random, contests, targets } = gate;
  const answerTokens = (): number =>
    Math.min(latencies.usualLength(route.name), request.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  const firstChunk = (name: string): UsualTime => {
    const view = latencies.firstChunk(name, promptTokens);
    return { ms: view?.p50Ms ?? null, samples: view?.samples ?? 0 };
  };
  return {
    strategy: isSoftReached(errand, gate) ? 'soft-cap' : route.strategy,
    conversation: request.conversation ?? request.call.runId,
    keepsKey: route.strategy === 'sticky' || (request.tools ?? []).length > 0,
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

function isSoftReached({ request, route }: Errand, { caps, ledger, clock }: Gate): boolean {
  if (caps.none) return false;
  return caps.isSoftReached(
    { request, route: route.name },
    { spend: ledger.spend, epochMs: clock.epochMs() },
  );
}
