import { openaiCompatible } from './openai-compatible.ts';
import type { Adapter } from './connect.ts';

/** Chat Completions through an AI Gateway of Cloudflare's, which holds the providers' keys: its own token has a header of its own. */
export const cloudflareGateway: Adapter = {
  package: null,
  connect: ({ apiKey, headers, ...connection }, modelId) =>
    openaiCompatible.connect(
      {
        ...connection,
        apiKey: undefined,
        headers: { ...(apiKey !== undefined && { 'cf-aig-authorization': `Bearer ${apiKey}` }), ...headers },
      },
      modelId,
    ),
};
