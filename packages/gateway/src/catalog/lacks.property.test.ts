import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isKnownToServe, lackOf, LACKS, tellLack } from './lacks.ts';
import type { Need } from './lacks.ts';
import type { Fact, ModelInfo } from './model-info.ts';

function fact<Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Fact<Value>> {
  return fc.option(values.map((value) => ({ value, source: 'custom' })));
}

const tokens = fc.integer({ min: 1, max: 100 });
const modalities = fc.subarray(['text', 'image', 'audio'] as const);
const models: fc.Arbitrary<ModelInfo> = fc.record({
  contextTokens: fact(tokens),
  maxOutputTokens: fact(tokens),
  inputs: fact(modalities),
  outputs: fact(modalities),
  tools: fact(fc.boolean()),
  structuredOutput: fact(fc.boolean()),
  deprecated: fact(fc.boolean()),
}) as never;
const needs: fc.Arbitrary<Need> = fc
  .record({
    promptTokens: tokens,
    spare: fc.nat(50),
    maxOutputTokens: fc.option(tokens),
    tools: fc.boolean(),
    schema: fc.boolean(),
  })
  .map(({ spare, ...need }) => ({
    ...need,
    leastPromptTokens: () => Math.max(0, need.promptTokens - spare),
  }));

const FIELDS = [
  'contextTokens',
  'maxOutputTokens',
  'inputs',
  'outputs',
  'tools',
  'structuredOutput',
] as const;

test('to know less of a model never shuts it out', () => {
  fc.assert(
    fc.property(needs, models, fc.subarray([...FIELDS]), (need, info, forgotten) => {
      const vaguer = { ...info, ...Object.fromEntries(forgotten.map((field) => [field, null])) } as ModelInfo;
      if (lackOf(need, info) === null) expect(lackOf(need, vaguer)).toBeNull();
      if (forgotten.length === FIELDS.length) expect(lackOf(need, vaguer)).toBeNull();
    }),
  );
});

test('what a model lacks is told with what is known of it', () => {
  fc.assert(
    fc.property(needs, models, (need, info) => {
      const lack = lackOf(need, info);
      if (lack === null) return;
      expect(LACKS.has(lack)).toBe(true);
      expect(tellLack(lack, need, info)).not.toContain('undefined');
    }),
  );
});

test('a model that is named in its place lacks nothing, and is known to have it', () => {
  fc.assert(
    fc.property(needs, models, (need, info) => {
      if (!isKnownToServe(need, info)) return;
      expect(lackOf(need, info)).toBeNull();
      expect(info.contextTokens?.value).toBeGreaterThanOrEqual(need.promptTokens);
      if (need.tools) expect(info.tools?.value).toBe(true);
      expect(info.deprecated?.value).not.toBe(true);
    }),
  );
});
