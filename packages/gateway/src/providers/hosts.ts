import type { WireFormat } from '../config.ts';

/** What a provider's name stands for when the config says nothing else. */
export interface HostDefaults {
  readonly wire: WireFormat;
  readonly baseUrl: string;
  /** The environment variable its key is usually kept in; `null` for servers of one's own, which need none. */
  readonly keyVariable: string | null;
  /** Whether it takes a JSON schema for the answer; the others are asked for JSON as such and the caller validates. */
  readonly schemas: boolean;
}

const hosted = (baseUrl: string, keyVariable: string, schemas = true): HostDefaults => ({
  wire: 'openai-compatible',
  baseUrl,
  keyVariable,
  schemas,
});

const local = (port: number): HostDefaults => ({
  wire: 'openai-compatible',
  baseUrl: `http://127.0.0.1:${port}/v1`,
  keyVariable: null,
  schemas: true,
});

/** Providers that work by name alone. Base URLs and variables are those of each provider's own documentation. */
export const KNOWN_HOSTS: Readonly<Record<string, HostDefaults>> = {
  openai: { ...hosted('https://api.openai.com/v1', 'OPENAI_API_KEY'), wire: 'openai' },
  anthropic: { ...hosted('https://api.anthropic.com/v1', 'ANTHROPIC_API_KEY'), wire: 'anthropic' },
  google: {
    ...hosted('https://generativelanguage.googleapis.com/v1beta', 'GOOGLE_GENERATIVE_AI_API_KEY'),
    wire: 'google',
  },
  groq: hosted('https://api.groq.com/openai/v1', 'GROQ_API_KEY'),
  mistral: hosted('https://api.mistral.ai/v1', 'MISTRAL_API_KEY'),
  deepseek: hosted('https://api.deepseek.com/v1', 'DEEPSEEK_API_KEY', false),
  xai: hosted('https://api.x.ai/v1', 'XAI_API_KEY'),
  together: hosted('https://api.together.xyz/v1', 'TOGETHER_API_KEY'),
  fireworks: hosted('https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY'),
  openrouter: hosted('https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'),
  cerebras: hosted('https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY'),
  ollama: local(11_434),
  vllm: local(8_000),
  lmstudio: local(1_234),
};
