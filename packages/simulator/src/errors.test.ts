import { expect, test } from 'vitest';
import { isSimulatorError, SimulatorError } from './errors.ts';

test('an error is known by its brand, also from another copy of this package', () => {
  const error = new SimulatorError('SCENARIO_INVALID', 'scenario: is missing');
  expect(error).toMatchObject({
    name: 'SimulatorError',
    code: 'SCENARIO_INVALID',
    message: 'scenario: is missing',
  });
  expect(isSimulatorError(error)).toBe(true);
  expect(isSimulatorError({ [Symbol.for('paceline.simulator.error')]: true })).toBe(true);
  for (const other of [new Error('x'), null, undefined, 'SCENARIO_INVALID', { code: 'SCENARIO_INVALID' }]) {
    expect(isSimulatorError(other)).toBe(false);
  }
});
