import { hashUnit } from '@paceline/resilience';
import type { Random } from '@paceline/resilience';
import type { RouteStrategy } from '../config.ts';
import type { Contests } from './contest.ts';
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
      return nearestInGroups(byLot(groups, basis.random), 'weighted', basis);
    case 'cheapest':
    case 'soft-cap':
      return cheapestFirst(groups, basis.strategy, basis);
    case 'fastest':
      return fastestFirst(
        groups.flatMap(({ targets }) => targets),
        basis,
      );
    case 'sticky':
      return sticking(
        groups.flatMap(({ targets }) => targets),
        basis,
      );
  }
}

/** Group after group, and in each the endpoint first that is soonest heard from. */
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
    const { healths, explored } = contest(targets, basis.firstChunk, { basis, explore: place === 0 });
    const first = reason === 'preferred' ? 'nearest' : reason;
    return led(healths, place > 0 ? 'fallback' : explored ? 'explored' : first);
  });
}

/**
 * An exponential race: each group's time is drawn with its weight as the rate. The first is drawn in proportion to the weights, and
 * so is each next one among those that are left; a group without weight comes last.
 * @see Efraimidis and Spirakis, Weighted random sampling with a reservoir (2006)
 */
function byLot(groups: readonly RankedGroup[], random: Random): readonly RankedGroup[] {
  return groups
    .map((group) => ({ group, drawn: -Math.log(1 - random.next()) }))
    .toSorted((a, b) => timeOf(a) - timeOf(b) || 0)
    .map(({ group }) => group);
}

const timeOf = ({ group, drawn }: { group: RankedGroup; drawn: number }): number =>
  group.weight === 0 ? Number.POSITIVE_INFINITY : drawn / group.weight;

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

function fastestFirst(targets: readonly TargetHealth[], basis: RankBasis): readonly RankedTarget[] {
  const { healths, explored } = contest(targets, basis.wholeAnswer, { basis, explore: true });
  return led(healths, explored ? 'explored' : 'fastest');
}

/**
 * Rendezvous hashing: each target draws its lot for the conversation from both names, and the highest leads. A target that is added
 * takes over its own share and moves no other conversation.
 * @see Thaler and Ravishankar, A name-based mapping scheme for rendezvous (1996)
 */
function sticking(targets: readonly TargetHealth[], { conversation }: RankBasis): readonly RankedTarget[] {
  const drawn = targets.map((health) => ({ health, lot: hashUnit(conversation, health.name) }));
  return led(
    drawn.toSorted((a, b) => b.lot - a.lot).map(({ health }) => health),
    'sticky',
  );
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
