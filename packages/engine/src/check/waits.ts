import { lineage } from '../define/chart.ts';
import type { State } from '../define/chart.ts';
import { finding } from './finding.ts';
import type { Rule } from './subject.ts';

/** States in which nothing but an event from outside brings the run on. */
export const checkWaits: Rule = ({ chart, info: { budget } }) =>
  chart.states.filter(waitsWithoutEnd).map((state) =>
    finding('WAIT_UNBOUNDED', {
      state: state.path,
      message:
        budget.waiting === 'free'
          ? `\`${state.path}\` waits for an event, for ever if none comes: time in which a run waits for people does not count.`
          : `\`${state.path}\` waits for an event until the run's deadline, which then fails it.`,
      mend: `Give it a time limit with a way on, e.g. \`after: { 60_000: '...' }\`.`,
    }),
  );

function waitsWithoutEnd(state: State): boolean {
  if (state.type !== 'atomic') return false;
  const around = lineage(state);
  const goesOn = around.some(
    ({ invokes, transitions, actions }) =>
      invokes.length > 0 || transitions.some(({ on }) => on.type === 'after') || actions.some(isDelayedRaise),
  );
  return !goesOn && !state.transitions.some(({ on, guard }) => on.type === 'always' && guard === undefined);
}

/** XState's own actions are functions that carry what they were given. */
function isDelayedRaise(action: unknown): boolean {
  if (typeof action !== 'function') return false;
  const { type, delay } = action as { readonly type?: unknown; readonly delay?: unknown };
  return type === 'xstate.raise' && delay !== undefined;
}
