import { createOpenAI } from '@ai-sdk/openai';
import { NO_KEY } from './connect.ts';
import type { Adapter } from './connect.ts';

/** Chat Completions, the one OpenAI API that other hosts speak too. */
export const openai: Adapter = {
  package: null,
  connect: ({ baseUrl, apiKey = NO_KEY, headers, fetch }, modelId) =>
    createOpenAI({ baseURL: baseUrl, apiKey, headers, fetch }).chat(modelId),
};
