import { createGoogle } from '@ai-sdk/google';
import { NO_KEY } from './connect.ts';
import type { Adapter } from './connect.ts';

/** The Gemini API. */
export const google: Adapter = {
  package: null,
  connect: ({ baseUrl, apiKey = NO_KEY, headers, fetch }, modelId) =>
    createGoogle({ baseURL: baseUrl, apiKey, headers, fetch })(modelId),
};
