import { effects } from './check-effects.ts';
import { ends } from './check-ends.ts';
import { amplification, bystander, deadlines, nothingLeft, recoveries } from './check-time.ts';
import type { Finding, Seen } from './seen.ts';

export interface Invariant {
  readonly says: string;
  readonly check: (seen: Seen) => Finding;
}

/** What may never be otherwise, whatever a seed does. */
export const INVARIANTS = {
  I1: { says: 'an acknowledged run is never lost', check: acknowledgedKept },
  I2: { says: 'nothing is recorded, done, asked or paid for twice', check: effects },
  I3: { says: 'every run comes to its right end', check: ends },
  I4: { says: 'nothing goes on beyond a deadline', check: deadlines },
  I5: { says: 'a target gets at most 1.10 requests per call, and 10', check: amplification },
  I6: { says: 'a tenant on another target notices nothing', check: bystander },
  I7: { says: 'recovery takes at most 30 s', check: recoveries },
  I8: { says: 'no timer, listener, call or rejection is left', check: nothingLeft },
  I9: { says: 'replaying a journal gives the recorded state', check: replayed },
  I10: { says: 'no credential is in any event, entry or error', check: noLeaks },
} as const satisfies Record<string, Invariant>;

export type InvariantId = keyof typeof INVARIANTS;

function acknowledgedKept({ world, histories }: Seen): Finding {
  const kept = new Set(histories.map(({ record }) => record.runId));
  const acknowledged = [...world.ledger.acknowledged];
  return {
    looked: acknowledged.length,
    violations: acknowledged
      .filter((runId) => !kept.has(runId))
      .map((runId) => `${runId} was acknowledged and is not in the journal`),
  };
}

function replayed({ histories, replays }: Seen): Finding {
  return { looked: histories.length, violations: replays };
}

function noLeaks({ world: { ledger } }: Seen): Finding {
  return { looked: ledger.told.length, violations: ledger.leaks };
}
