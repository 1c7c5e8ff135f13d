import { hashUnit } from '@paceline/resilience';
import type { Random } from '@paceline/resilience';
import { byLot, byShare, isPool, poolsTogether, weightsIn } from './lots.ts';
import type { RouteStrategy } from '../config.ts';
import type { Contests } from './contest.ts';
import type { Lot } from './lots.ts';
import type { PlanReason, RankedTarget, TargetHealth } from './plan.ts';

/** What one entry of a route's list stands for: a target, or all endpoints of one. */
export interface RankedGroup {
  readonly targets: readonly TargetHealth[];
  readonly weight: number;
}

/** What is known, or guessed, of one target's times. */
export interface UsualTime {
  /** `null` while nothing is known. */
  readonly ms: number | null;
  readonly samples: number;
}

/** What the strategies go by. */
export interface RankBasis {
  /** `soft-cap`: the route's own gives way, as a soft cap is reached. */
  readonly strategy: RouteStrategy | 'soft-cap';
  /** What a `sticky` route keeps on one target. */
  readonly conversation: string;
  /** Whether a conversation keeps its key, of a provider that has several: their prompt caches are apart. */
  readonly keepsKey: boolean;
  /** The class of the prompt's size, in tokens: targets that are fast for short prompts may be slow for long ones. */
  readonly promptClass: number;
  readonly random: Random;
  readonly contests: Contests;
  /** In US dollars, for this prompt and an answer of usual length; `null` if unknown. */
  readonly price: (target: string) => number | null;
  /** To the first content. */
  readonly firstChunk: (target: string) => UsualTime;
  /** To the end of an answer of usual length. */
  readonly wholeAnswer: (target: string) => UsualTime;
}

/** Puts a route's targets in the order of its strategy, whatever their health. */
export function rankTargets(groups: readonly RankedGroup[], basis: RankBasis): readonly RankedTarget[] {
  const all = groups.flatMap(({ targets }) => targets);
  const theirs = all.filter(({ otherTenant }) => otherTenant);
  const mine = theirs.length === 0 ? groups : groups.flatMap(withoutOtherTenants);
  return [...ordered(mine, basis), ...theirs.map((health) => ({ health, reason: 'fallback' as const }))];
}

function withoutOtherTenants({ targets, weight }: RankedGroup): readonly RankedGroup[] {
  const mine = targets.filter(({ otherTenant }) => !otherTenant);
  return mine.length === 0 ? [] : [{ targets: mine, weight }];
}

function ordered(groups: readonly RankedGroup[], basis: RankBasis): readonly RankedTarget[] {
  switch (basis.strategy) {
    case 'ordered':
      return nearestInGroups(groups, 'preferred', basis);
    case 'weighted':
      return nearestInGroups(drawn(groups, basis.random), 'weighted', basis);
    case 'cheapest':
    case 'soft-cap':
      return cheapestFirst(groups, basis.strategy, basis);
    case 'fastest':
      return fastestFirst(groups, basis);
    case 'sticky':
      return sticking(groups, basis);
  }
}

/** Group after group, and in each the endpoint first that is soonest heard from, or the key that is drawn. */
function nearestInGroups(
  groups: readonly RankedGroup[],
  reason: PlanReason,
  basis: RankBasis,
): readonly RankedTarget[] {
  return groups.flatMap(({ targets }, place) => {
    const [only] = targets;
    if (targets.length === 1 && only !== undefined) {
      return [{ health: only, reason: place === 0 ? reason : 'fallback' }];
    }
    if (isPool(targets)) {
      const first = reason === 'preferred' ? 'weighted' : reason;
      return led(byShare(targets, lotIn(basis)), place > 0 ? 'fallback' : first);
    }
    const { healths, explored } = contest(targets, basis.firstChunk, { basis, explore: place === 0 });
    const first = reason === 'preferred' ? 'nearest' : reason;
    return led(healths, place > 0 ? 'fallback' : explored ? 'explored' : first);
  });
}

function drawn(groups: readonly RankedGroup[], random: Random): readonly RankedGroup[] {
  return byLot(groups, { weight: ({ weight }) => weight, lot: () => 1 - random.next() });
}

/** What a key draws: by chance, or always the same for one conversation. */
function lotIn({ keepsKey, conversation, random }: RankBasis): Lot {
  return keepsKey ? (name) => hashUnit(conversation, name) : () => 1 - random.next();
}

/** Equal prices as listed, unknown ones last. */
function cheapestFirst(
  groups: readonly RankedGroup[],
  reason: PlanReason,
  basis: RankBasis,
): readonly RankedTarget[] {
  const priced = groups.map((group) => {
    // The endpoints of one model share its price.
    const [first] = group.targets;
    const usd = first === undefined ? null : basis.price(first.name);
    return { group, usd: usd ?? Number.POSITIVE_INFINITY };
  });
  const sorted = priced.toSorted((a, b) => a.usd - b.usd || 0);
  const known = sorted[0]?.usd !== Number.POSITIVE_INFINITY;
  return nearestInGroups(
    sorted.map(({ group }) => group),
    known ? reason : 'preferred',
    basis,
  );
}

function fastestFirst(groups: readonly RankedGroup[], basis: RankBasis): readonly RankedTarget[] {
  const all = groups.flatMap(({ targets }) => targets);
  const { healths, explored } = contest(all, basis.wholeAnswer, { basis, explore: true });
  return led(poolsTogether(healths, groups, lotIn(basis)), explored ? 'explored' : 'fastest');
}

/**
 * Rendezvous hashing: each target draws its lot for the conversation from both names, and the highest leads. A target that is added
 * takes over its own share and moves no other conversation.
 * @see Thaler and Ravishankar, A name-based mapping scheme for rendezvous (1996)
 */
function sticking(groups: readonly RankedGroup[], { conversation }: RankBasis): readonly RankedTarget[] {
  const weights = weightsIn(groups);
  const lot: Lot = (name) => hashUnit(conversation, name);
  const order = byLot(
    groups.flatMap(({ targets }) => targets),
    { weight: ({ name }) => weights.get(name) ?? 1, lot: ({ name }) => lot(name) },
  );
  return led(poolsTogether(order, groups, lot), 'sticky');
}

interface Terms {
  readonly basis: RankBasis;
  readonly explore: boolean;
}

function contest(
  targets: readonly TargetHealth[],
  time: (target: string) => UsualTime,
  { basis, explore }: Terms,
): { readonly healths: readonly TargetHealth[]; readonly explored: boolean } {
  const contestants = targets.map((health) => {
    const { ms, samples } = time(health.name);
    return { name: health.name, usualMs: ms, samples, ready: isReady(health) };
  });
  const key = `${basis.strategy}<${basis.promptClass}`;
  const { names, explored } = basis.contests.decide(contestants, { key, explore });
  const byName = new Map(targets.map((health) => [health.name, health]));
  return { healths: names.flatMap((name) => byName.get(name) ?? []), explored };
}

function isReady({ shutForMs, recovering, missingKey, missingPackage, denied }: TargetHealth): boolean {
  const complete = missingKey === null && missingPackage === null;
  return complete && shutForMs === 0 && !recovering && denied === null;
}

function led(healths: readonly TargetHealth[], reason: PlanReason): readonly RankedTarget[] {
  return healths.map((health, place) => ({ health, reason: place === 0 ? reason : 'fallback' }));
}
