import type { Mutant } from '../lib/mutant.ts';

const SRC = 'packages/gateway/src';
const CATALOG = `${SRC}/catalog`;
const CATALOG_TESTS = [`${CATALOG}/catalog.test.ts`];
const CAPABLE_TESTS = [`${SRC}/capable.test.ts`];
const PRICE_TESTS = [`${SRC}/meter/custom-price.test.ts`];
const CLI = 'packages/cli/src/models';
const CLI_TESTS = [`${CLI}/models.test.ts`];

export const CATALOG_MUTANTS: readonly Mutant[] = [
  {
    name: 'catalog/zero-is-a-window',
    rule: 'What nobody knows is null, not 0.',
    file: `${CATALOG}/models-dev.ts`,
    find: 'contextTokens: limit?.context || undefined,',
    replace: 'contextTokens: limit?.context,',
    tests: CATALOG_TESTS,
  },
  {
    name: 'catalog/one-price-one-model',
    rule: 'Names that share a price are one model only if they differ by the mark of a version alone.',
    file: `${CATALOG}/open-shelf.ts`,
    find: 'entry?.names.filter((name) => names.test(name) && stemOf(name) === stem) ?? [];',
    replace: 'entry?.names.filter((name) => names.test(name) && stem !== name) ?? [];',
    tests: CATALOG_TESTS,
  },
  {
    name: 'catalog/any-snapshot-will-do',
    rule: 'Of several snapshots of a name nobody says which one it stands for.',
    file: `${CATALOG}/open-shelf.ts`,
    find: 'if (only !== undefined) return another === undefined ? only : model;',
    replace: 'if (only !== undefined || another !== undefined) return only ?? model;',
    tests: CATALOG_TESTS,
  },
  {
    name: 'catalog/resold-counts',
    rule: 'Models that are passed on to others are listed, but not counted.',
    file: `${CLI}/list.ts`,
    find: "const counted = models.filter(({ offer }) => offer !== 'resold');",
    replace: 'const counted = models;',
    tests: CLI_TESTS,
  },
  {
    name: 'catalog/short-list-passes',
    rule: 'The command fails where there are fewer models than expected.',
    file: `${CLI}/list.ts`,
    find: 'return short ? 1 : 0;',
    replace: 'return 0;',
    tests: CLI_TESTS,
  },
  {
    name: 'catalog/ended-is-listed',
    rule: 'A model that its provider has ended is not offered.',
    file: `${CATALOG}/catalog.ts`,
    find: 'ended || endsOn === null || endsOn.value > today',
    replace: "ended || endsOn === null || endsOn.value > ''",
    tests: CATALOG_TESTS,
  },
  {
    name: 'catalog/new-version-is-a-typo',
    rule: 'A newer version than is known is no typing mistake.',
    file: `${CATALOG}/catalog.ts`,
    find: 'if (known.some((each) => wordsOf(each) === wordsOf(model))) return null;',
    replace: '',
    tests: CATALOG_TESTS,
  },
  {
    name: 'catalog/config-loses',
    rule: 'What the config says of a model wins over every source.',
    file: `${CATALOG}/catalog.ts`,
    find: 'const said = all.find((each) => each.facts[field] !== undefined);',
    replace: 'const said = all.findLast((each) => each.facts[field] !== undefined);',
    tests: CATALOG_TESTS,
  },
  {
    name: 'catalog/unknown-cannot',
    rule: 'A model is passed over for what is known of it, never for what is not.',
    file: `${CATALOG}/lacks.ts`,
    find: "if (need.tools && tools?.value === false) return 'no-tools';",
    replace: "if (need.tools && tools?.value !== true) return 'no-tools';",
    tests: CAPABLE_TESTS,
  },
  {
    name: 'catalog/guess-shuts-out',
    rule: 'A window is too small only if the prompt certainly does not fit.',
    file: `${CATALOG}/lacks.ts`,
    find: "return need.leastPromptTokens() > contextTokens.value ? 'context-too-small' : null;",
    replace: "return need.promptTokens > contextTokens.value ? 'context-too-small' : null;",
    tests: CAPABLE_TESTS,
  },
  {
    name: 'catalog/no-way-round',
    rule: 'The check of models can be switched off.',
    file: `${SRC}/plan-call.ts`,
    find: 'const need = gate.checksModels ? needOf(request, promptTokens) : null;',
    replace: 'const need = needOf(request, promptTokens);',
    tests: CAPABLE_TESTS,
  },
  {
    name: 'catalog/free-for-want-of-a-price',
    rule: 'A custom price without one for prompts or answers makes the cost unknown, not free.',
    file: `${SRC}/meter/price-table.ts`,
    find: "if (prices['input_mtok'] === undefined || prices['output_mtok'] === undefined) return null;",
    replace: '',
    tests: PRICE_TESTS,
  },
  {
    name: 'catalog/volume-never-reached',
    rule: 'What is used in a month counts for prices by volume.',
    file: `${SRC}/target-models.ts`,
    find: 'if (monthly !== null && key) monthly.add(key, inputTokens + outputTokens);',
    replace: 'if (monthly !== null && key) monthly.add(key, 0);',
    tests: PRICE_TESTS,
  },
  {
    name: 'catalog/month-never-ends',
    rule: 'Volumes begin anew with the month.',
    file: `${SRC}/meter/monthly-use.ts`,
    find: 'sinceEpochMs: parseEpochMs(`${month}-01T00:00:00Z`),',
    replace: 'sinceEpochMs: 0,',
    tests: PRICE_TESTS,
  },
  {
    name: 'catalog/counted-twice',
    rule: 'What is booked by now is not counted beside it.',
    file: `${SRC}/meter/monthly-use.ts`,
    find: 'before = new Map();\n  };',
    replace: '};',
    tests: [`${SRC}/meter/monthly-use.test.ts`],
  },
  {
    name: 'catalog/half-a-file',
    rule: 'What was known before stays where a refresh fails.',
    file: `${CATALOG}/refreshed.ts`,
    find: "if (providers.length === 0) throw new SyntaxError('It has none of the providers that the catalog lists.');",
    replace: '',
    tests: CLI_TESTS,
  },
];
