import type { TargetHealth } from './plan.ts';

/** What is drawn for a name: above 0, at most 1. */
export type Lot = (name: string) => number;

/**
 * An exponential race: each one's time is drawn with its weight as the rate. The first is drawn in proportion to the weights, and so is each next
 * one among those that are left; what has no weight comes last.
 * @see Efraimidis and Spirakis, Weighted random sampling with a reservoir (2006)
 */
export function byLot<Item>(
  items: readonly Item[],
  draw: { readonly weight: (item: Item) => number; readonly lot: (item: Item) => number },
): readonly Item[] {
  return items
    .map((item) => ({ item, atMs: timeOf(draw.weight(item), draw.lot(item)) }))
    .toSorted((a, b) => a.atMs - b.atMs || 0)
    .map(({ item }) => item);
}

const timeOf = (weight: number, lot: number): number =>
  weight === 0 ? Number.POSITIVE_INFINITY : -Math.log(lot) / weight;

/** Whether these are the keys of one provider. */
export function isPool(targets: readonly TargetHealth[]): boolean {
  return targets.length > 0 && targets.every(({ share }) => share !== null);
}

/** The keys of one provider, which differ in nothing but the account: drawn in proportion to their shares. */
export function byShare(pool: readonly TargetHealth[], lot: Lot): readonly TargetHealth[] {
  return byLot(pool, { weight: ({ share }) => share ?? 1, lot: ({ name }) => lot(name) });
}

/** Puts the keys of a provider together where the first of them stands, in the order they are drawn: a strategy chooses among providers, not among keys. */
export function poolsTogether(
  order: readonly TargetHealth[],
  groups: readonly { readonly targets: readonly TargetHealth[] }[],
  lot: Lot,
): readonly TargetHealth[] {
  const poolOf = new Map<string, readonly TargetHealth[]>();
  for (const { targets } of groups) {
    if (!isPool(targets)) continue;
    const drawn = byShare(targets, lot);
    for (const { name } of targets) poolOf.set(name, drawn);
  }
  return [...new Set(order.flatMap((health) => poolOf.get(health.name) ?? [health]))];
}

/** What a target weighs beside others: a pool as much as one target, each key its share of that. */
export function weightsIn(
  groups: readonly { readonly targets: readonly TargetHealth[] }[],
): ReadonlyMap<string, number> {
  return new Map(
    groups.flatMap(({ targets }) => {
      const total = targets.reduce((sum, { share }) => sum + (share ?? 0), 0);
      return targets.map(({ name, share }) => [name, share === null ? 1 : share / total] as const);
    }),
  );
}
