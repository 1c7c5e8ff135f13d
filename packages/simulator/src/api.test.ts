import { expect, test } from 'vitest';

test('the public API is this and nothing else', async () => {
  expect(Object.keys(await import('./index.ts')).toSorted()).toEqual([
    'FAST_MODEL',
    'FAULTS',
    'FAULT_CATALOGUE',
    'SCENARIOS',
    'SIMULATOR_ERRORS',
    'STRONG_MODEL',
    'SimulatorError',
    'createSimulator',
    'drawFirstTokenMs',
    'drawPaceMs',
    'isSimulatorError',
    'latencyOf',
    'parseFault',
    'scenarioFor',
    'validateScenario',
    'withFaults',
  ]);
});
