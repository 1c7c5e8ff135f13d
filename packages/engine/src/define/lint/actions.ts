import type { State } from '../chart.ts';
import { didYouMean } from './did-you-mean.ts';
import { named } from './subject.ts';
import type { Rule } from './subject.ts';

/**
 * A run is stepped by pure transitions, which return actions instead of executing them. `assign`, `raise`, `cancel` and
 * `log` are understood; anything else would silently never happen.
 */
export const lintActions: Rule = ({ chart, config }) => {
  const timers = chart.states
    .flatMap(({ actions }) => actions.map(raisedId))
    .filter((id) => id !== undefined);
  return [
    ...chart.states.flatMap((state) =>
      state.actions.flatMap((action) => [
        ...actionProblems(action, state),
        ...cancelProblems(action, state, timers),
      ]),
    ),
    ...(callsSpawn(config.context) ? spawnProblem(chart.root, '`context`') : []),
  ];
};

/** What to write instead, by the type of XState's own actions. */
const INSTEAD: Readonly<Record<string, string>> = {
  'xstate.sendTo':
    'there is no live actor to send to. Give a step what it needs as its `input`; for an event to this machine use `raise`',
  'xstate.spawnChild': '`spawnChild` starts nothing. Invoke a step in a state',
  'xstate.stopChild': '`stopChild` stops nothing. Leave the state that invokes the step: that aborts it',
  'xstate.emit': '`emit` reaches nobody. Listen to the events of the engine',
  'xstate.enqueueActions':
    '`enqueueActions` hides what it does from this check. List the actions in an array and put conditions into guards',
};

const UNDERSTOOD = new Set(['xstate.assign', 'xstate.raise', 'xstate.cancel', 'xstate.log']);

function actionProblems(action: unknown, state: State): readonly string[] {
  const type = typeOf(action);
  if (type !== undefined && UNDERSTOOD.has(type)) return assignProblems(action, state);
  const instead = type === undefined ? undefined : INSTEAD[type];
  if (instead !== undefined) return [`In ${named(state)}: ${instead}.`];
  return [
    `In ${named(state)}: the action ${nameOf(action)} would never run, as a run only records actions. Move its work into a \`code\` step; \`assign\`, \`raise\`, \`cancel\` and \`log\` may stay.`,
  ];
}

/** `assign` takes a function, or one for each key. */
function assignProblems(action: unknown, state: State): readonly string[] {
  const assignment = partOf(action, 'assignment');
  const functions =
    typeof assignment === 'object' && assignment !== null ? Object.values(assignment) : [assignment];
  return functions.some(callsSpawn) ? spawnProblem(state, 'an `assign`') : [];
}

/** XState hands `spawn` to `assign` and `context`. What it returns, a live actor, could not be recorded in the context. */
function callsSpawn(candidate: unknown): boolean {
  return typeof candidate === 'function' && /\bspawn\s*\(/.test(candidate.toString());
}

function spawnProblem(state: State, caller: string): readonly string[] {
  return [`In ${named(state)}: ${caller} calls \`spawn\`, which starts nothing. Invoke a step in a state.`];
}

function cancelProblems(action: unknown, state: State, timers: readonly string[]): readonly string[] {
  const timer = typeOf(action) === 'xstate.cancel' ? partOf(action, 'sendId') : undefined;
  if (typeof timer !== 'string' || timers.includes(timer) || timer.startsWith('xstate.after.')) return [];
  return [
    `In ${named(state)}: \`cancel('${timer}')\` cancels nothing, as no \`raise\` has that id.${didYouMean(timer, timers)} Give the delayed \`raise\` the id.`,
  ];
}

/** The id of a delayed raise. */
function raisedId(action: unknown): string | undefined {
  const id = typeOf(action) === 'xstate.raise' ? partOf(action, 'id') : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** XState's own actions are functions that carry a type; named ones are strings or objects. */
export function typeOf(action: unknown): string | undefined {
  const type = typeof action === 'string' ? action : partOf(action, 'type');
  return typeof type === 'string' ? type : undefined;
}

function nameOf(action: unknown): string {
  const name = typeOf(action) ?? (typeof action === 'function' ? action.name : '');
  return name === '' ? 'written inline' : `\`${name}\``;
}

/** What an action was made from. */
export function partOf(action: unknown, part: string): unknown {
  const carrier = typeof action === 'function' || (typeof action === 'object' && action !== null);
  return carrier ? (action as Readonly<Record<string, unknown>>)[part] : undefined;
}
