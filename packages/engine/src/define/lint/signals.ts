import type { State } from '../chart.ts';
import { partOf, typeOf } from './actions.ts';
import { didYouMean } from './did-you-mean.ts';
import { NAME, NAME_RULE, named } from './subject.ts';
import type { Rule } from './subject.ts';

/** What a run may be told is what its states take: no handler waits for what never comes, no signal comes for nobody. */
export const lintSignals: Rule = ({ chart, definition }) => {
  const signals = Object.keys(definition.signals ?? {});
  const raised = chart.states.flatMap(({ actions }) => actions.flatMap(raisedEvent));
  const taken = chart.states.flatMap(takenEvents);
  return [
    ...signals.flatMap(nameProblems),
    ...chart.states.flatMap((state) =>
      takenEvents(state)
        .filter((event) => !isHeard(event, signals, raised))
        .map((event) => `In ${named(state)}: ${neverComes(event, [...signals, ...raised])}`),
    ),
    ...signals
      .filter((signal) => !taken.includes(signal) && !taken.includes(ANY))
      .map(
        (signal) =>
          `In the root of the machine: no state takes the signal \`${signal}\`. Add \`on: { ${signal}: ... }\` to one, or remove it from \`signals\`.`,
      ),
  ];
};

/** XState's pattern for whatever comes; also what stands for a `raise` whose event is only known in the run. */
const ANY = '*';

function nameProblems(signal: string): readonly string[] {
  if (!NAME.test(signal)) return [`\`${signal}\` will not do as the name of a signal. ${NAME_RULE}`];
  if (signal !== signal.toUpperCase()) return [];
  return [
    `\`${signal}\` will not do as the name of a signal: capitals are for the events that the machine raises itself. Use e.g. \`${signal.toLowerCase()}\`.`,
  ];
}

function takenEvents({ transitions }: State): readonly string[] {
  return [...new Set(transitions.flatMap(({ on }) => (on.type === 'event' ? [on.event] : [])))];
}

function raisedEvent(action: unknown): readonly string[] {
  if (typeOf(action) !== 'xstate.raise') return [];
  const event = partOf(action, 'event');
  return [typeof event === 'function' ? ANY : String(partOf(event, 'type'))];
}

function isHeard(event: string, signals: readonly string[], raised: readonly string[]): boolean {
  // XState's own reach every machine, and it refuses the empty name itself.
  if (event === ANY || event === '' || event.startsWith('xstate.')) return true;
  return signals.includes(event) || raised.includes(event) || raised.includes(ANY);
}

function neverComes(event: string, known: readonly string[]): string {
  return `\`on: { ${event} }\` waits for what never comes: no signal has that name, and no \`raise\` gives it.${didYouMean(event, known)} Declare it in \`signals\`, or remove it.`;
}
