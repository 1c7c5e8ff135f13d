import type { RunHandle } from '../engine.ts';
import type { Answer } from '../run/message.ts';
import type { RunOutcome } from '../run/outcome.ts';
import type { Case } from './case-conformance.ts';
import { ENDINGS } from './endings-conformance.ts';
import { NESTED } from './nested-conformance.ts';
import { PEOPLE } from './people-conformance.ts';
import { SHAPES } from './shapes-conformance.ts';
import { SIGNALS } from './signals-conformance.ts';
import { UNDOING } from './undoing-conformance.ts';

/** Every way of a run that all drivers have to take, by name. */
export const CASES: Readonly<Record<string, Case>> = {
  ...SHAPES,
  ...ENDINGS,
  ...NESTED,
  ...UNDOING,
  ...SIGNALS,
  ...PEOPLE,
};

/** A run that people can answer. */
export type Answerable<Output> = Pick<RunHandle<Output>, 'result' | 'events' | 'answer'>;

/** The run's outcome, each step that waits answered in turn. */
export async function answered(
  { result, events, answer }: Answerable<unknown>,
  answers: readonly Answer[],
): Promise<RunOutcome<unknown>> {
  const left = [...answers];
  for await (const { type } of events) {
    const next = type === 'step-wait' ? left.shift() : undefined;
    if (next !== undefined) await answer(next);
  }
  return result;
}
