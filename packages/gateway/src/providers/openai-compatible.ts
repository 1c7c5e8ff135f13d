import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { Adapter } from './connect.ts';

/** Everybody who speaks Chat Completions without being OpenAI: hosts such as Groq, servers such as Ollama and vLLM. */
export const openaiCompatible: Adapter = {
  package: null,
  connect: ({ name, baseUrl, apiKey, headers, fetch, schemas }, modelId) =>
    createOpenAICompatible({
      name,
      baseURL: baseUrl,
      ...(apiKey !== undefined && { apiKey }),
      headers,
      fetch,
      includeUsage: true,
      supportsStructuredOutputs: schemas,
    }).chatModel(modelId),
};
