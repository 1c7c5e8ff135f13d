import { expect, test } from 'vitest';

test('the package exports exactly this', async () => {
  expect(Object.keys(await import('./index.ts')).toSorted()).toEqual([
    'AbortReason',
    'NO_DEADLINE',
    'RESILIENCE_ERRORS',
    'RETRY_COST',
    'ResilienceError',
    'TIMEOUT_RETRY_COST',
    'abortable',
    'backoffMs',
    'bounded',
    'createAdaptiveLimit',
    'createBreaker',
    'createBulkhead',
    'createLoopMonitor',
    'createQuantiles',
    'createRateWindow',
    'createRetryBudget',
    'createThrottle',
    'createWatchdog',
    'dateAt',
    'deadlineIn',
    'earliest',
    'hashUnit',
    'isAbortReason',
    'isResilienceError',
    'linkedController',
    'parseEpochMs',
    'randomId',
    'remainingMs',
    'retry',
    'seededRandom',
    'sleep',
    'systemClock',
    'systemRandom',
    'timedId',
  ]);
});

test('the testing entry exports exactly this', async () => {
  expect(Object.keys(await import('./testing.ts'))).toEqual(['createVirtualClock']);
});
