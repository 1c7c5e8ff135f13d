import { defineConfig } from '@paceline/gateway';
import { cannedProvider } from '../provider.ts';

const { CANARY_CASE, CANARY_API_KEY } = process.env;

export default defineConfig(() => {
  if (CANARY_CASE === 'config-throws') throw new Error(`Cannot use ${CANARY_API_KEY}.`);
  const body = JSON.stringify({ error: { message: `Bad key: ${CANARY_API_KEY}` } });
  const provider = cannedProvider(CANARY_CASE === 'refusal' ? { refusal: { status: 401, body } } : {});
  return {
    roles: { reason: ['canned/model'] },
    providers: {
      canned: {
        wire: 'openai-compatible',
        baseUrl: 'http://canned.test/v1',
        apiKey: 'env:CANARY_API_KEY',
      },
    },
    fetch: provider.fetch,
    log: { payload: 'full' },
  };
});
