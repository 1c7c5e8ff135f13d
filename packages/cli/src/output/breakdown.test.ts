import { expect, test } from 'vitest';
import { outcomeOf } from '../test-support/outcome.ts';
import { breakdownOf } from './breakdown.ts';

test('a run’s cost by provider, model and step, the dearest first', () => {
  const { spend } = outcomeOf('succeeded', {
    spend: {
      attempts: 3,
      byProvider: { openai: 0.001, anthropic: 0.5 },
      byTarget: { 'openai/gpt-5-mini': 0.001, 'anthropic/claude-haiku-4-5': 0.5 },
      byStep: { triage: 0.001, decide: 0.5 },
    },
  });
  expect(breakdownOf(spend)).toEqual([
    ['by provider', 'anthropic $0.5000   openai $0.001000'],
    ['by model', 'anthropic/claude-haiku-4-5 $0.5000   openai/gpt-5-mini $0.001000'],
    ['by step', 'decide $0.5000   triage $0.001000'],
  ]);
});

test('nothing where no model was asked', () => {
  expect(breakdownOf(outcomeOf('succeeded').spend)).toEqual([]);
});
