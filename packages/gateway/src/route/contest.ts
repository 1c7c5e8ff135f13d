import type { Random } from '@paceline/resilience';

/** A target that competes with others on time. */
export interface Contestant {
  readonly name: string;
  /** What it is judged by, in milliseconds; `null` while nothing is known. */
  readonly usualMs: number | null;
  /** How many answers that rests on. */
  readonly samples: number;
  /** Whether it could take a call now. */
  readonly ready: boolean;
}

export interface Standing {
  /** Every contestant once, the one to go to first. */
  readonly names: readonly string[];
  /** True when the first one is not thought to be the best, but tried to learn about it. */
  readonly explored: boolean;
}

/** Who is fastest, without changing its mind over noise and without forgetting to look. */
export interface Contests {
  /**
   * @param about what the figures depend on besides the contestants, e.g. the size of the prompt
   * @param explore whether this call may be the one that tries a target out
   */
  decide(
    contestants: readonly Contestant[],
    about: { readonly key: string; readonly explore: boolean },
  ): Standing;
}

/** A target must be this share faster than the one in front to overtake it, so that two alike do not take turns. */
const LEAD = 0.1;

/** Calls that a target of which nothing is known gets at once, whatever comes of them. */
const FIRST_TRIES = 3;

/** Afterwards this share of the calls goes to a target that is not in front: one that was slow an hour ago may not be now. */
const EXPLORED_SHARE = 0.03;

/** Remembers who is in front of which contest, and who has been tried out. Bounded by what the config can name. */
export function createContests(random: Random): Contests {
  const leaders = new Map<string, string>();
  const tries = new Map<string, number>();

  const pick = (contestants: readonly Contestant[], leader: string | undefined): Contestant | undefined => {
    const ready = contestants.filter((each) => each.ready);
    if (ready.length < 2) return undefined;
    const triesOf = ({ name }: Contestant): number => tries.get(name) ?? 0;
    const [unknown] = ready
      .filter((each) => each.samples < FIRST_TRIES && triesOf(each) < FIRST_TRIES)
      .toSorted((a, b) => triesOf(a) - triesOf(b));
    if (unknown !== undefined) {
      tries.set(unknown.name, triesOf(unknown) + 1);
      return unknown;
    }
    if (random.next() >= EXPLORED_SHARE) return undefined;
    const others = ready.filter(({ name }) => name !== leader);
    return others[Math.floor(random.next() * others.length)];
  };

  return {
    decide(contestants, { key, explore }) {
      const contest = `${key} ${contestants.map(({ name }) => name).join(' ')}`;
      const order = standing(contestants, leaders.get(contest));
      const [leader] = order;
      if (leader !== undefined && leader.usualMs !== null) leaders.set(contest, leader.name);
      const tried = explore ? pick(contestants, leader?.name) : undefined;
      const names = order.map(({ name }) => name);
      return tried === undefined
        ? { names, explored: false }
        : { names: [tried.name, ...names.filter((name) => name !== tried.name)], explored: true };
    },
  };
}

/**
 * The fastest first, the unknown last, equals as listed; but whoever was in front stays there until another one is clearly
 * faster. Pure.
 */
export function standing(
  contestants: readonly Contestant[],
  leading: string | undefined,
): readonly Contestant[] {
  const order = contestants.toSorted((a, b) => msOf(a) - msOf(b) || 0);
  const leader = order.find(({ name }) => name === leading);
  if (leader === undefined || msOf(order[0] ?? leader) < msOf(leader) * (1 - LEAD)) return order;
  return [leader, ...order.filter((each) => each !== leader)];
}

const msOf = ({ usualMs }: Contestant): number => usualMs ?? Number.POSITIVE_INFINITY;
