import { NO_KEY } from './connect.ts';
import type { Adapter, Connection } from './connect.ts';

/**
 * Adapters of the AI SDK for single providers, each in a package of its own. They are optional peer dependencies and are loaded with the
 * first call that needs one, so that nobody installs or loads what they do not use.
 */

/** What they all take. */
const settings = ({ baseUrl, apiKey = NO_KEY, headers, fetch }: Connection) => ({
  baseURL: baseUrl,
  apiKey,
  headers,
  fetch,
});

/** The Converse API. It signs with AWS keys where it is given no key of Bedrock's own. */
export const bedrock: Adapter = {
  package: '@ai-sdk/amazon-bedrock',
  async connect({ apiKey = '', variables, ...connection }, modelId) {
    const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
    const {
      AWS_REGION: region = '',
      AWS_ACCESS_KEY_ID: accessKeyId = '',
      AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
      AWS_SESSION_TOKEN: sessionToken,
    } = variables;
    return createAmazonBedrock({
      ...settings({ ...connection, variables, apiKey }),
      region,
      credentialProvider: async () => ({
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
      }),
    })(modelId);
  },
};

/** The Chat API, version 2. */
export const cohere: Adapter = {
  package: '@ai-sdk/cohere',
  async connect(connection, modelId) {
    const { createCohere } = await import('@ai-sdk/cohere');
    return createCohere(settings(connection))(modelId);
  },
};

/** Chat Completions of a deployment; its name stands where others have the model's. */
export const azure: Adapter = {
  package: '@ai-sdk/azure',
  async connect(connection, deployment) {
    const { createAzure } = await import('@ai-sdk/azure');
    return createAzure(settings(connection)).chat(deployment);
  },
};

/** Gemini on Vertex AI, with an API key. */
export const vertex: Adapter = {
  package: '@ai-sdk/google-vertex',
  async connect(connection, modelId) {
    // The `edge` entry is the one that does not bring Google's authentication along, which reads the environment.
    const { createGoogleVertex } = await import('@ai-sdk/google-vertex/edge');
    return createGoogleVertex(settings(connection))(modelId);
  },
};

export const mistral: Adapter = {
  package: '@ai-sdk/mistral',
  async connect(connection, modelId) {
    const { createMistral } = await import('@ai-sdk/mistral');
    return createMistral(settings(connection))(modelId);
  },
};

export const groq: Adapter = {
  package: '@ai-sdk/groq',
  async connect(connection, modelId) {
    const { createGroq } = await import('@ai-sdk/groq');
    return createGroq(settings(connection))(modelId);
  },
};

export const deepseek: Adapter = {
  package: '@ai-sdk/deepseek',
  async connect(connection, modelId) {
    const { createDeepSeek } = await import('@ai-sdk/deepseek');
    return createDeepSeek(settings(connection))(modelId);
  },
};

export const fireworks: Adapter = {
  package: '@ai-sdk/fireworks',
  async connect(connection, modelId) {
    const { createFireworks } = await import('@ai-sdk/fireworks');
    return createFireworks(settings(connection))(modelId);
  },
};

export const cerebras: Adapter = {
  package: '@ai-sdk/cerebras',
  async connect(connection, modelId) {
    const { createCerebras } = await import('@ai-sdk/cerebras');
    return createCerebras(settings(connection))(modelId);
  },
};

export const perplexity: Adapter = {
  package: '@ai-sdk/perplexity',
  async connect(connection, modelId) {
    const { createPerplexity } = await import('@ai-sdk/perplexity');
    return createPerplexity(settings(connection))(modelId);
  },
};
