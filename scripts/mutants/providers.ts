import type { Mutant } from '../lib/mutant.ts';

const GATEWAY = 'packages/gateway/src';
const SRC = `${GATEWAY}/providers`;
const CONFORMANCE = [`${SRC}/conformance.test.ts`];
const REGISTRY = [`${SRC}/registry.test.ts`];
const FRAMES = [`${GATEWAY}/wire/aws-events.property.test.ts`];
const DEFAULTS = [`${GATEWAY}/default-config.test.ts`];

export const PROVIDER_MUTANTS: readonly Mutant[] = [
  {
    name: 'providers/key-from-the-environment',
    rule: 'An adapter falls back on nothing that the environment holds.',
    file: `${SRC}/own-adapters.ts`,
    find: 'apiKey = NO_KEY, headers, fetch }: Connection',
    replace: 'apiKey, headers, fetch }: Connection',
    tests: CONFORMANCE,
  },
  {
    name: 'providers/address-from-the-environment',
    rule: 'An adapter is told where to go.',
    file: `${SRC}/own-adapters.ts`,
    find: '  baseURL: baseUrl,\n  apiKey,',
    replace: '  apiKey,',
    tests: CONFORMANCE,
  },
  {
    name: 'providers/gateway-token-as-a-key',
    rule: 'A key goes into the header that its provider reads it from.',
    file: `${SRC}/cloudflare-gateway.ts`,
    find: "'cf-aig-authorization'",
    replace: 'authorization',
    tests: CONFORMANCE,
  },
  {
    name: 'providers/package-that-is-not-there',
    rule: 'Without its package, a host that speaks Chat Completions is reached through the built-in adapter.',
    file: `${SRC}/registry.ts`,
    find: '(own?.wire === undefined && isUsable(host.adapter))',
    replace: 'own?.wire === undefined',
    tests: REGISTRY,
  },
  {
    name: 'providers/half-an-account',
    rule: 'Credentials that stand in for a key do so together.',
    file: `${SRC}/account.ts`,
    find: 'signIn?.required.every(',
    replace: 'signIn?.required.some(',
    tests: REGISTRY,
  },
  {
    name: 'providers/region-that-is-not-set',
    rule: 'A provider lacks what its address lacks.',
    file: `${SRC}/account.ts`,
    find: '[keyVariable]), ...variablesIn(baseUrl)];',
    replace: '[keyVariable])];',
    tests: REGISTRY,
  },
  {
    name: 'providers/package-asked-all-the-same',
    rule: 'A target whose package is missing is passed over.',
    file: `${GATEWAY}/route/plan.ts`,
    find: "    else if (missingPackage !== null) skipped.push({ name, reason: 'package-missing' });\n",
    replace: '',
    tests: [...REGISTRY, `${GATEWAY}/route/plan.property.test.ts`],
  },
  {
    name: 'providers/half-a-message',
    rule: "A message of AWS's that is not whole is kept back.",
    file: `${GATEWAY}/wire/aws-events.ts`,
    find: 'if (bytes.length - end < size) {',
    replace: 'if (bytes.length - end < size - 1) {',
    tests: FRAMES,
  },
  {
    name: 'providers/cohere-error-overlooked',
    rule: "An error at the end of Cohere's message is an error.",
    file: `${GATEWAY}/wire/wires.ts`,
    find: '    if (saysError(delta.error)) return { error: delta };\n',
    replace: '',
    tests: [`${GATEWAY}/diagnose.test.ts`],
  },
  {
    name: 'providers/bedrock-exception-overlooked',
    rule: 'An exception inside an answer of Bedrock is an error.',
    file: `${GATEWAY}/wire/aws-events.ts`,
    find: "const name = headers.get(':exception-type') ?? headers.get(':error-code');",
    replace: "const name = headers.get(':error-code');",
    tests: FRAMES,
  },
  {
    name: 'providers/default-key-follows-an-address',
    rule: 'Without a config, a base URL beside a key is where that key goes, under its own version path.',
    file: `${GATEWAY}/default-config.ts`,
    find: '  return isBare ? `${new URL(given).origin}${path}` : given;',
    replace: '  return given;',
    tests: DEFAULTS,
  },
  {
    name: 'providers/default-without-its-package',
    rule: 'Without a config, a provider that cannot be used is not chosen.',
    file: `${GATEWAY}/default-config.ts`,
    find: '    if (missing !== null) {',
    replace: "    if (missing === '') {",
    tests: DEFAULTS,
  },
];
