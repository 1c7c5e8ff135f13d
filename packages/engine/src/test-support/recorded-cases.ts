import { GatewayError } from '@paceline/gateway';
import { z } from 'zod';
import type { Case } from '../conformance/case-conformance.ts';
import { CASES } from '../conformance/cases.ts';
import { reason } from '../define/steps.ts';
import { attempt } from './attempts.ts';
import type { Reply } from './gateway.ts';
import { oneStep } from './one-step.ts';

/** Names a recorded run: its case, and what was done to it. */
export const MARK = ' @ ';

/** Answers a call that is cut off the way the gateway does: with what it had cost by then. */
export const cutOff: Reply = ({ signal }) =>
  new Promise((_, reject) => {
    const attempts = [attempt({ outcome: 'cancelled', costUsd: 0.03 })];
    signal.addEventListener('abort', () => reject(new GatewayError('CANCELLED', 'Stopped.', { attempts })));
  });

/** All that is recorded: the drivers' cases, and one that asks a model. */
export const ALL_CASES: Readonly<Record<string, Case>> = {
  ...CASES,
  'a step that is cut off has its cost': {
    expected: { status: 'failed', code: 'DEADLINE_EXCEEDED', steps: ['step!'] },
    prepare: () => ({
      workflow: oneStep(reason({ input: z.json(), output: z.object({}), prompt: () => 'Decide.' })) as never,
      options: { deadlineMs: 100 },
    }),
  },
};

/** The case that a run's id names. */
export function caseOf(runId: string): Case {
  const found = ALL_CASES[runId.split(MARK)[0] ?? ''];
  if (found === undefined) throw new Error(`No case is called as the run is: ${runId}`);
  return found;
}
