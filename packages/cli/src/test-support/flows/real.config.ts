import { defineConfig } from '@paceline/gateway';

/** Real providers, whose network is down. */
export default defineConfig({
  roles: { classify: ['openai/gpt-4.1-mini', 'groq/llama-3.3-70b-versatile'] },
  fetch: () => Promise.reject(new TypeError('fetch failed')),
});
