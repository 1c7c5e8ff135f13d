import type { State, Trigger } from '../define/chart.ts';
import { finding } from './finding.ts';
import type { Finding } from './finding.ts';
import type { Rule } from './subject.ts';

/** The first branch whose guard holds is taken, so none behind one without a guard is. */
export const checkBranches: Rule = ({ chart }) => chart.states.flatMap(neverTaken);

function neverTaken({ path, transitions }: State): readonly Finding[] {
  const decided = new Set<string>();
  return transitions.flatMap(({ on, guard, targets }) => {
    const name = triggerName(on);
    if (name === null) return [];
    if (!decided.has(name)) {
      if (guard === undefined) decided.add(name);
      return [];
    }
    const where = targets.map((target) => `\`${target.path}\``).join(' and ');
    return [
      finding('BRANCH_NEVER_TAKEN', {
        state: path,
        message: `The branch of ${name} to ${where || 'nowhere'} is never taken: one before it has no guard.`,
        mend: 'Put the branch without a guard last.',
      }),
    ];
  });
}

/** `null`: events are not told apart by their names here. */
function triggerName(on: Trigger): string | null {
  switch (on.type) {
    case 'invoke-done':
      return `\`onDone\` of invoke \`${on.invokeId}\``;
    case 'invoke-error':
      return `\`onError\` of invoke \`${on.invokeId}\``;
    case 'after':
      return `\`after: ${on.delay}\``;
    case 'always':
      return '`always`';
    case 'state-done':
      return "the state's `onDone`";
    default:
      return null;
  }
}
