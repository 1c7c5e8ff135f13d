import { cloudflareGateway } from './cloudflare-gateway.ts';
import * as own from './own-adapters.ts';
import type { WireFormat } from '../config.ts';
import type { Adapter } from './connect.ts';

/** What a provider's name stands for when the config says nothing else. */
export interface HostDefaults {
  readonly wire: WireFormat;
  /** `{NAME}` in it stands for an environment variable: an account, a region. */
  readonly baseUrl: string;
  /** The environment variable its key is usually kept in; `null` for servers of one's own, which need none. */
  readonly keyVariable: string | null;
  /** Whether it takes a JSON schema for the answer; the others are asked for JSON as such and the caller validates. */
  readonly schemas: boolean;
  /** The adapter of the provider's own package; `null` where there is none, or the wire format's is the one. */
  readonly adapter: Adapter | null;
  /** False: without its own package it is reached through the built-in adapter of its wire format. */
  readonly needsAdapter: boolean;
  /** Credentials it takes instead of a key. */
  readonly signIn: SignIn | null;
}

/** Environment variables that together stand for a key. */
export interface SignIn {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** A provider that speaks Chat Completions. */
const hosted = (baseUrl: string, keyVariable: string, more: Partial<HostDefaults> = {}): HostDefaults => ({
  wire: 'openai-compatible',
  baseUrl,
  keyVariable,
  schemas: true,
  adapter: null,
  needsAdapter: false,
  signIn: null,
  ...more,
});

const local = (port: number): HostDefaults => ({
  ...hosted(`http://127.0.0.1:${port}/v1`, ''),
  keyVariable: null,
});

const AWS_KEYS: SignIn = {
  required: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  optional: ['AWS_SESSION_TOKEN'],
};

/** Providers that work by name alone. Base URLs and variables are those of each provider's own documentation. */
export const KNOWN_HOSTS: Readonly<Record<string, HostDefaults>> = {
  openai: hosted('https://api.openai.com/v1', 'OPENAI_API_KEY', { wire: 'openai' }),
  anthropic: hosted('https://api.anthropic.com/v1', 'ANTHROPIC_API_KEY', { wire: 'anthropic' }),
  google: hosted('https://generativelanguage.googleapis.com/v1beta', 'GOOGLE_GENERATIVE_AI_API_KEY', {
    wire: 'google',
  }),
  vertex: hosted('https://aiplatform.googleapis.com/v1/publishers/google', 'GOOGLE_VERTEX_API_KEY', {
    wire: 'google',
    adapter: own.vertex,
    needsAdapter: true,
  }),
  azure: hosted('https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1', 'AZURE_API_KEY', {
    wire: 'openai',
    adapter: own.azure,
    needsAdapter: true,
  }),
  bedrock: hosted('https://bedrock-runtime.{AWS_REGION}.amazonaws.com', 'AWS_BEARER_TOKEN_BEDROCK', {
    wire: 'bedrock',
    signIn: AWS_KEYS,
  }),
  mistral: hosted('https://api.mistral.ai/v1', 'MISTRAL_API_KEY', { adapter: own.mistral }),
  groq: hosted('https://api.groq.com/openai/v1', 'GROQ_API_KEY', { adapter: own.groq }),
  cohere: hosted('https://api.cohere.com/v2', 'COHERE_API_KEY', { wire: 'cohere' }),
  deepseek: hosted('https://api.deepseek.com/v1', 'DEEPSEEK_API_KEY', {
    schemas: false,
    adapter: own.deepseek,
  }),
  xai: hosted('https://api.x.ai/v1', 'XAI_API_KEY'),
  together: hosted('https://api.together.xyz/v1', 'TOGETHER_API_KEY'),
  fireworks: hosted('https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY', { adapter: own.fireworks }),
  cerebras: hosted('https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY', { adapter: own.cerebras }),
  perplexity: hosted('https://api.perplexity.ai', 'PERPLEXITY_API_KEY', { adapter: own.perplexity }),
  moonshotai: hosted('https://api.moonshot.ai/v1', 'MOONSHOT_API_KEY', { schemas: false }),
  zai: hosted('https://api.z.ai/api/paas/v4', 'ZAI_API_KEY', { schemas: false }),
  minimax: hosted('https://api.minimax.io/v1', 'MINIMAX_API_KEY', { schemas: false }),
  alibaba: hosted('https://dashscope-intl.aliyuncs.com/compatible-mode/v1', 'DASHSCOPE_API_KEY', {
    schemas: false,
  }),
  upstage: hosted('https://api.upstage.ai/v1', 'UPSTAGE_API_KEY', { schemas: false }),
  inception: hosted('https://api.inceptionlabs.ai/v1', 'INCEPTION_API_KEY', { schemas: false }),
  openrouter: hosted('https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
  cloudflare: hosted(
    'https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/v1',
    'CLOUDFLARE_API_TOKEN',
  ),
  'cloudflare-gateway': hosted(
    'https://gateway.ai.cloudflare.com/v1/{CLOUDFLARE_ACCOUNT_ID}/{CLOUDFLARE_GATEWAY_ID}/compat',
    'CF_AIG_TOKEN',
    { adapter: cloudflareGateway, needsAdapter: true },
  ),
  ollama: local(11_434),
  vllm: local(8_000),
  lmstudio: local(1_234),
};
