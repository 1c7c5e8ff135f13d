import { EngineError } from '../../errors.ts';
import { check } from '../schema.ts';
import { lintActions } from './actions.ts';
import { lintChildren } from './children.ts';
import { lintInvokes } from './invokes.ts';
import { lintStates } from './states.ts';
import { lintSignals } from './signals.ts';
import { lintDefinition } from './steps.ts';
import type { Rule, Subject } from './subject.ts';
import { lintWays } from './ways.ts';

/** A machine without `output` ends with undefined. */
const lintOutput: Rule = ({ config, definition }) =>
  config.output !== undefined || check(definition.output, undefined).ok
    ? []
    : [
        'In the root of the machine: `output` is missing, so no run could end well. Add `output: ({ context }) => ...`.',
      ];

const RULES: readonly Rule[] = [
  lintDefinition,
  lintChildren,
  lintStates,
  lintInvokes,
  lintActions,
  lintSignals,
  lintOutput,
  lintWays,
];

/**
 * Checks at definition what would otherwise fail a run, or silently never happen in it.
 * @throws EngineError `WORKFLOW_INVALID` that lists every problem with its place and its mend
 */
export function assertRunnable(subject: Subject): void {
  const problems = RULES.flatMap((rule) => rule(subject));
  if (problems.length === 0) return;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const list = problems.map((problem) => `\n  - ${problem}`).join('');
  throw new EngineError('WORKFLOW_INVALID', `Workflow \`${subject.definition.id}\` has ${count}:${list}`);
}
