import { expect, test } from 'vitest';

test('the package exports exactly this', async () => {
  expect(Object.keys(await import('./index.ts')).toSorted()).toEqual([
    'GATEWAY_ERRORS',
    'GatewayError',
    'MOST_VALUES',
    'OTHER_VALUES',
    'SECRET_PATTERNS',
    'createGateway',
    'createMoneyMeter',
    'createRedactor',
    'defineConfig',
    'firstSlotAt',
    'isGatewayError',
    'keptUntil',
    'memoryLedger',
    'missingCredentials',
    'picoOf',
    'refusalFor',
    'resolveConfig',
    'roundUsd',
    'secretFinder',
    'slotAt',
    'sumOf',
    'usdOf',
  ]);
});
