import { z } from 'zod';
import type { Modality, ModelFacts } from './model-info.ts';

const tokens = z.number().int().nonnegative();

/** What we read of a model, as models.dev writes it (https://models.dev/api.json). */
const model = z.object({
  id: z.string().min(1).max(300),
  name: z.string().max(300).optional(),
  reasoning: z.boolean().optional(),
  tool_call: z.boolean().optional(),
  structured_output: z.boolean().optional(),
  open_weights: z.boolean().optional(),
  knowledge: z.string().max(30).optional(),
  release_date: z.string().max(30).optional(),
  status: z.string().max(30).optional(),
  modalities: z
    .object({ input: z.array(z.string().max(30)).max(20), output: z.array(z.string().max(30)).max(20) })
    .optional(),
  limit: z.object({ context: tokens.optional(), output: tokens.optional() }).optional(),
});

export const modelsDevProvider = z.object({ models: z.record(z.string(), model) });

export type ModelsDevModel = z.infer<typeof model>;

/** One provider, of which only the models are read. */
export interface ModelsDevProvider {
  readonly models: Readonly<Record<string, ModelsDevModel>>;
}

const MODALITIES: readonly string[] = ['text', 'image', 'audio', 'video', 'pdf'] satisfies Modality[];

/** Its facts in our terms. A limit of 0 stands there for one that nobody knows. */
export function factsIn({ limit, modalities, ...said }: ModelsDevModel): ModelFacts {
  return {
    title: said.name,
    contextTokens: limit?.context || undefined,
    maxOutputTokens: limit?.output || undefined,
    inputs: modalities && modalitiesIn(modalities.input),
    outputs: modalities && modalitiesIn(modalities.output),
    tools: said.tool_call,
    structuredOutput: said.structured_output,
    reasoning: said.reasoning,
    openWeights: said.open_weights,
    knowledge: said.knowledge,
    releasedOn: said.release_date,
    deprecated: said.status === 'deprecated' ? true : undefined,
  };
}

function modalitiesIn(names: readonly string[]): readonly Modality[] {
  return names.filter((name): name is Modality => MODALITIES.includes(name));
}
