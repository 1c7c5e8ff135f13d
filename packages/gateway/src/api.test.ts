import { expect, test } from 'vitest';

test('the package exports exactly this', async () => {
  expect(Object.keys(await import('./index.ts')).toSorted()).toEqual([
    'GATEWAY_ERRORS',
    'GatewayError',
    'createGateway',
    'createMoneyMeter',
    'defineConfig',
    'isGatewayError',
    'memoryLedger',
    'missingCredentials',
    'resolveConfig',
    'roundUsd',
    'secretFinder',
  ]);
});
