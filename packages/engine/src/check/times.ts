import { finding } from './finding.ts';
import type { Path } from './paths.ts';
import type { Rule } from './subject.ts';

/** The budget of time against what the steps usually take. */
export const checkPaths: Rule = ({ info: { budget }, paths: { cheapest, longest } }) => {
  if (cheapest !== null && cheapest.ms > budget.totalMs) {
    return [
      finding('PATH_OVER_BUDGET', {
        message: `The cheapest successful path usually takes ${shown(cheapest)}, the budget is ${budget.totalMs} ms: runs are refused before their first step.`,
        mend: 'Raise `budget.totalMs`, shorten the path, or bind faster models.',
      }),
    ];
  }
  if (longest === null || longest.ms <= budget.totalMs) return [];
  return [
    finding('LONGEST_PATH_OVER_BUDGET', {
      message: `The longest successful path usually takes ${shown(longest)}, the budget is ${budget.totalMs} ms.`,
      mend: 'Raise `budget.totalMs`, or lead runs that come this way to a cheaper ending.',
    }),
  ];
};

function shown({ ms, legs }: Path): string {
  const parts = legs.map((leg) => `${leg.step ?? 'delay'} ${leg.ms}`);
  return `${ms} ms (${parts.join(', ')})`;
}

export const checkStepTimes: Rule = ({ info: { steps }, times }) =>
  [...times].flatMap(([step, { ms, source }]) => {
    if (source === 'unknown') {
      return [
        finding('TIME_UNKNOWN', {
          step,
          message: `Nobody knows how long \`${step}\` takes, so no time is held back for it.`,
          mend: 'Declare `expectedMs`, or let it be learned: `--journal` keeps what runs have shown.',
        }),
      ];
    }
    const limitMs = steps[step]?.totalMs ?? Number.POSITIVE_INFINITY;
    if (ms <= limitMs) return [];
    return [
      finding('STEP_OVER_LIMIT', {
        step,
        message: `\`${step}\` usually takes ${ms} ms and may take ${limitMs} ms.`,
        mend: 'Raise its `totalMs`, or bind a faster model.',
      }),
    ];
  });
