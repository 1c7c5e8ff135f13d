import { check } from '../define/schema.ts';
import type { CodeStep } from '../define/step.ts';
import { EngineError } from '../errors.ts';
import { runBody } from './body.ts';
import { orAsk } from './parked.ts';
import type { StepRun } from './step-run.ts';

/**
 * @throws EngineError `UNCERTAIN` for a `once` step in doubt or cut off, and whatever the body throws
 * @throws Parked in its place, if a person is to say what became of it
 */
export function runCodeStep(step: CodeStep, input: unknown, run: StepRun): Promise<unknown> {
  const asks = (error: unknown): never => {
    throw orAsk(error, step);
  };
  try {
    return begin(step, input, run).then((returned) => checked(step, returned, run), asks);
  } catch (error) {
    return asks(error);
  }
}

function begin(step: CodeStep, input: unknown, run: StepRun): Promise<unknown> {
  const name = run.pending.step;
  const { effect, attempts } = step;
  if (run.inDoubt && effect === 'once') {
    throw new EngineError(
      'UNCERTAIN',
      `\`${name}\` takes effect once, was begun, and its end is not known; it is not run again.`,
    );
  }
  return runBody({ name, effect, attempts, run: (args) => step.run(args) }, input, run);
}

function checked(step: CodeStep, returned: unknown, { pending }: StepRun): unknown {
  const output = check(step.output, returned);
  if (output.ok) return output.value;
  throw new EngineError(
    'STEP_FAILED',
    `What \`${pending.step}\` returned does not fit its output: ${output.problem}`,
  );
}
