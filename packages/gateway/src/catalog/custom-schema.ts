import { z } from 'zod';

const tokens = z.number().int().positive();
const day = z.iso.date('Expected a day, e.g. `2026-12-31`.');
const modalities = z.array(z.enum(['text', 'image', 'audio', 'video', 'pdf']));
const modelName = z.string().regex(/^[^/\s]+\/\S+$/, 'Expected `provider/model`, e.g. `openai/gpt-5-mini`.');
const target = z.string().regex(/^[^/\s]+(?:\/\S+)?$/, 'Expected a provider, or `provider/model`.');

export const customModelsSchema = z.record(
  modelName,
  z.strictObject({
    title: z.string().optional(),
    contextTokens: tokens.optional(),
    maxOutputTokens: tokens.optional(),
    inputs: modalities.optional(),
    outputs: modalities.optional(),
    tools: z.boolean().optional(),
    structuredOutput: z.boolean().optional(),
    reasoning: z.boolean().optional(),
    openWeights: z.boolean().optional(),
    knowledge: z.string().optional(),
    releasedOn: day.optional(),
    deprecated: z.boolean().optional(),
    endsOn: day.optional(),
    successor: z.string().min(1).optional(),
  }),
);

const UNIT = /^[a-z0-9_]+_(?:mtok|kcount|hours|kpages)$/;
const rates = {
  usdPer: z
    .record(
      z.string().regex(UNIT, 'Expected a unit of the price table, e.g. `input_mtok`.'),
      z.number().nonnegative(),
    )
    .optional(),
  share: z.number().nonnegative().optional(),
};

export const customPricesSchema = z.record(
  target,
  z.strictObject({
    ...rates,
    volumes: z
      .array(z.strictObject({ ...rates, fromTokens: tokens }))
      .min(1, 'Expected at least one volume.')
      .optional(),
  }),
);
