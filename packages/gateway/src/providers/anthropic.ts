import { createAnthropic } from '@ai-sdk/anthropic';
import { NO_KEY } from './connect.ts';
import type { Adapter } from './connect.ts';

/** The Messages API. */
export const anthropic: Adapter = {
  package: null,
  connect: ({ baseUrl, apiKey = NO_KEY, headers, fetch }, modelId) =>
    createAnthropic({ baseURL: baseUrl, apiKey, headers, fetch })(modelId),
};
