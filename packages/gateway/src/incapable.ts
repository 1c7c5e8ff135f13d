import { isKnownToServe, LACKS, tellLack } from './catalog/lacks.ts';
import { inputUsdOf } from './catalog/filter.ts';
import { GatewayError } from './errors.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { Lack, Need } from './catalog/lacks.ts';
import type { ModelInfo } from './catalog/model-info.ts';
import type { Gate } from './gate.ts';
import type { Plan, PlannedTarget, PlanReason } from './route/plan.ts';

interface Lacking extends PlannedTarget {
  readonly reason: Lack;
}

/**
 * Says so where no target of a route can do what a request needs.
 * @throws GatewayError `CONTEXT_TOO_LARGE` if it is the prompt that fits nowhere, else `CAPABILITY_MISSING`
 */
export function checkCapable(plan: Plan, need: Need, { route, gate }: { route: string; gate: Gate }): void {
  const lacking = plan.skipped.filter(isLacking);
  const others = plan.skipped.filter(({ reason }) => !isLack(reason) && reason !== 'other-tenant');
  if (plan.candidates.length > 0 || lacking.length === 0 || others.length > 0) return;
  const each = lacking.flatMap(({ name, reason }) => {
    const info = gate.targets.get(name)?.info() ?? null;
    return info === null ? [] : [`${name}: ${tellLack(reason, need, info)}`];
  });
  const able = ableModel(need, lacking, gate);
  const mend = able === null ? '' : ` ${able} could.`;
  const tooLong = lacking.every(({ reason }) => reason === 'context-too-small');
  throw new GatewayError(
    tooLong ? 'CONTEXT_TOO_LARGE' : 'CAPABILITY_MISSING',
    `No target of route ${route} can serve this request. ${each.join('; ')}.${mend}`,
  );
}

function isLacking(planned: PlannedTarget): planned is Lacking {
  return isLack(planned.reason);
}

function isLack(reason: PlanReason): reason is Lack {
  return (LACKS as ReadonlySet<PlanReason>).has(reason);
}

/** A target of another route, else the cheapest model of the same providers. */
function ableModel(need: Need, lacking: readonly Lacking[], gate: Gate): string | null {
  for (const { name, info } of gate.targets.values()) {
    const known = info();
    if (known !== null && isKnownToServe(need, known)) return name;
  }
  const providers = new Set(lacking.flatMap(({ name }) => gate.targets.get(name)?.info()?.provider ?? []));
  const able = [...providers]
    .flatMap((provider) => modelsOf(provider, gate.catalog))
    .filter((info) => isKnownToServe(need, info));
  const [cheapest] = able.toSorted((a, b) => (inputUsdOf(a) ?? Infinity) - (inputUsdOf(b) ?? Infinity) || 0);
  return cheapest?.name ?? null;
}

/** A list takes milliseconds, and a route that lacks something lacks it for every call. */
const lists = new WeakMap<Catalog, Map<string, readonly ModelInfo[]>>();

function modelsOf(provider: string, catalog: Catalog): readonly ModelInfo[] {
  const known = lists.get(catalog) ?? new Map<string, readonly ModelInfo[]>();
  lists.set(catalog, known);
  const models = known.get(provider) ?? catalog.list({ provider });
  known.set(provider, models);
  return models;
}
