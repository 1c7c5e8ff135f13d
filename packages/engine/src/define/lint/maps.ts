import type { InnerStep, MapStep } from '../step.ts';

const MAX_CONCURRENCY = 64;

/** What a `map` asks of itself and of what it does with each item. */
export function mapProblems({ step, concurrency, failure }: MapStep): readonly string[] {
  const problems: string[] = [];
  if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY)) {
    problems.push(`\`concurrency\` is ${concurrency}. Give a whole number from 1 to ${MAX_CONCURRENCY}.`);
  }
  if (typeof failure === 'object' && !(Number.isInteger(failure.atLeast) && failure.atLeast >= 1)) {
    problems.push(`\`failure.atLeast\` is ${failure.atLeast}. Give a whole number from 1.`);
  }
  return [...problems, ...itemProblems(step)];
}

/** An item is no visit of its own: nobody can be asked about it, and it is not undone. */
function itemProblems(step: InnerStep): readonly string[] {
  const problems: string[] = [];
  if (step.expectedMs !== undefined || step.maxVisits !== undefined) {
    problems.push(
      '`expectedMs` and `maxVisits` are for visits, and its items are none. Give them to the `map`.',
    );
  }
  if (step.kind !== 'execute' && step.kind !== 'code') return problems;
  if (step.compensate !== undefined) {
    problems.push('an item is not undone by itself. Give it a `child` whose step has the `compensate`.');
  }
  const asks =
    step.kind === 'execute' && Object.values(step.tools).some(({ approval }) => approval !== undefined);
  if (asks || step.onUncertain === 'wait') {
    problems.push('an item cannot wait for a person. Give it a `child` whose step does.');
  }
  return problems;
}
