import { code } from 'paceline';
import { z } from 'zod';
import { GIVEN } from './shapes/shape.ts';
import type { Step } from 'paceline';
import type { Acting, Body } from './shapes/shape.ts';

/** A process's hands: what its bodies do to the world. */
export interface Hands {
  act(acting: Acting): Promise<{ readonly key: string }>;
  /** How often a body was tried in this process, this time included. */
  tries(key: string): number;
}

/** The key is recorded with the step's end, so that the ledger knows which deed was completed. */
const DONE = z.object({ key: z.string() });

interface Given {
  readonly input: { readonly runId: string };
  readonly idempotencyKey: string;
}

/** A step that takes effect in the simulated world, and takes a while. */
export function codeStep(name: string, body: Body, hands: Hands): Step {
  const { effect, longestMs = 50, failures = 0, attempts, onUncertain, undone = false } = body;
  const run = async ({ input: { runId }, idempotencyKey: key }: Given) => {
    const done = await hands.act({ runId, step: name, effect, key, longestMs });
    if (hands.tries(key) <= failures) throw new Error('It fails, as it is meant to.');
    return done;
  };
  const undo = ({ input: { runId }, idempotencyKey: key }: Given) =>
    hands.act({ runId, step: `${name} undone`, effect: 'idempotent', key, longestMs: 10 });
  return code({
    input: GIVEN,
    output: DONE,
    effect,
    ...(attempts !== undefined && { attempts }),
    ...(onUncertain !== undefined && { onUncertain }),
    ...(undone && { compensate: undo }),
    run,
  });
}
