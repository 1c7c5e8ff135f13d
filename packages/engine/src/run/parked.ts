import type { CodeStep, ExecuteStep } from '../define/step.ts';
import { isEngineError } from '../errors.ts';
import type { Wait } from './message.ts';

const brand = Symbol.for('paceline.engine.parked');

/** Ends a visit without an end of its step, which is to rest until a person has answered. Only `runStep` catches it. */
export class Parked extends Error {
  readonly [brand] = true;
  override readonly name = 'Parked';
  readonly wait: Wait;

  constructor(wait: Wait) {
    super('The step waits for a person.');
    this.wait = wait;
  }
}

/** Works across duplicate installs of this package, unlike `instanceof`. */
export function isParked(error: unknown): error is Parked {
  return typeof error === 'object' && error !== null && brand in error;
}

/** Which tool call of an execute step is meant. */
type CallOf = Pick<Extract<Wait, { readonly type: 'uncertain' }>, 'toolCallId' | 'tool'>;

/** What a step throws in place of an error: a doubt is a person's to end, if the step's author wants that. */
export function orAsk(error: unknown, { onUncertain }: CodeStep | ExecuteStep, call: CallOf = {}): unknown {
  const isDoubt = isEngineError(error) && error.code === 'UNCERTAIN';
  return isDoubt && onUncertain === 'wait' ? new Parked({ type: 'uncertain', ...call }) : error;
}
