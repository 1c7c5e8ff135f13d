import { expect, test } from 'vitest';

test('the package exports exactly this', async () => {
  expect(Object.keys(await import('./index.ts')).toSorted()).toEqual([
    'ENGINE_ERRORS',
    'EngineError',
    'checkWorkflow',
    'child',
    'classify',
    'code',
    'createEngine',
    'createGateway',
    'defineConfig',
    'execute',
    'failureOf',
    'followRun',
    'isEngineError',
    'isFailure',
    'isWorkflow',
    'map',
    'memoryJournal',
    'readStepToken',
    'readTimerToken',
    'reason',
    'setupWorkflow',
    'sqliteJournal',
    'tool',
    'workflowChart',
    'workflowInfo',
    'workflowsWithin',
  ]);
});

test('the testing entry exports exactly this', async () => {
  expect(Object.keys(await import('./testing.ts')).toSorted()).toEqual([
    'checkReplay',
    'createVirtualClock',
    'journalConformance',
    'ledgerConformance',
    'spendBookConformance',
    'spendCapsConformance',
    'workflowConformance',
  ]);
});
