import type { Usage } from '../../index.ts';
import { ARGUMENTS, sse } from './provider-case.ts';
import type { ProviderCase } from './provider-case.ts';

/** 12 tokens in, 5 out. */
const COUNTS = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 };

interface ChatOptions {
  readonly provider: string;
  readonly model: string;
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly auth?: ProviderCase['auth'];
  /** What stands in every chunk. */
  readonly shared?: object;
  /** Before the first. */
  readonly opening?: string;
  /** Fields of the last chunk: the usage, wherever this host puts it. */
  readonly last?: object;
  readonly usage?: Partial<Usage>;
  readonly tools?: boolean;
  readonly badKey?: ProviderCase['badKey'];
  readonly tooMany?: unknown;
}

/** A host that speaks Chat Completions, with what is its own. */
function chat(options: ChatOptions): ProviderCase {
  const { provider, model, env, url, shared = {}, opening = '', last = { usage: COUNTS } } = options;
  const [key = ''] = Object.values(env);
  const chunk = (delta: object, finish: string | null = null, more: object = {}): object => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...shared,
    ...more,
  });
  const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'lookup', arguments: '' } };
  return {
    provider,
    model,
    env,
    url: `${url}/chat/completions`,
    auth: options.auth ?? ['authorization', `Bearer ${key}`],
    contentType: 'text/event-stream',
    text: {
      head: [opening + sse(chunk({ role: 'assistant', content: 'Hel' })), sse(chunk({ content: 'lo' }))],
      tail: [sse(chunk({}, 'stop', last), '[DONE]')],
    },
    tool:
      options.tools === false
        ? null
        : [
            opening + sse(chunk({ role: 'assistant', content: null, tool_calls: [call] })),
            sse(chunk({ tool_calls: [{ index: 0, function: { arguments: ARGUMENTS } }] })),
            sse(chunk({}, 'tool_calls', last), '[DONE]'),
          ],
    usage: { inputTokens: 12, outputTokens: 5, source: 'reported', ...options.usage },
    badKey: options.badKey ?? [401, { error: { message: 'Invalid API key', code: 'invalid_api_key' } }],
    tooMany: options.tooMany ?? { error: { message: 'Rate limit reached', type: 'rate_limit_error' } },
  };
}

/** Hosts that speak Chat Completions, each in its own dialect. */
export const CHAT_CASES: readonly ProviderCase[] = [
  chat({
    provider: 'openai',
    model: 'gpt-5-mini',
    env: { OPENAI_API_KEY: 'key-openai' },
    url: 'https://api.openai.com/v1',
    last: { usage: { ...COUNTS, prompt_tokens_details: { cached_tokens: 4 } } },
    usage: { cachedInputTokens: 4 },
  }),
  chat({
    provider: 'azure',
    model: 'gpt-5-mini',
    env: { AZURE_API_KEY: 'key-azure', AZURE_RESOURCE_NAME: 'acme' },
    url: 'https://acme.openai.azure.com/openai/v1',
    auth: ['api-key', 'key-azure'],
    opening: sse({ id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] }),
    badKey: [401, { error: { code: '401', message: 'Access denied due to invalid subscription key.' } }],
    tooMany: { error: { code: '429', message: 'Rate limit is exceeded. Try again in 2 seconds.' } },
  }),
  chat({
    provider: 'mistral',
    model: 'mistral-small-latest',
    env: { MISTRAL_API_KEY: 'key-mistral' },
    url: 'https://api.mistral.ai/v1',
    badKey: [401, { message: 'Unauthorized', request_id: 'r-1' }],
    tooMany: { object: 'error', message: 'Rate limit exceeded', type: 'rate_limited', code: '1300' },
  }),
  chat({
    provider: 'groq',
    model: 'llama-3.3-70b-versatile',
    env: { GROQ_API_KEY: 'key-groq' },
    url: 'https://api.groq.com/openai/v1',
    last: { x_groq: { id: 'req_1', usage: { ...COUNTS, queue_time: 0.01 } } },
  }),
  chat({
    provider: 'deepseek',
    model: 'deepseek-chat',
    env: { DEEPSEEK_API_KEY: 'key-deepseek' },
    url: 'https://api.deepseek.com/v1',
    last: {
      usage: {
        ...COUNTS,
        prompt_tokens_details: { cached_tokens: 8 },
        prompt_cache_hit_tokens: 8,
        prompt_cache_miss_tokens: 4,
      },
    },
    usage: { cachedInputTokens: 8 },
    badKey: [
      401,
      {
        error: {
          message: 'Authentication Fails',
          type: 'authentication_error',
          code: 'invalid_request_error',
        },
      },
    ],
  }),
  chat({
    provider: 'xai',
    model: 'grok-4.20',
    env: { XAI_API_KEY: 'key-xai' },
    url: 'https://api.x.ai/v1',
    last: { usage: { ...COUNTS, completion_tokens_details: { reasoning_tokens: 7 } } },
    usage: { outputTokens: 12, reasoningTokens: 7 },
    badKey: [
      400,
      { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***.' },
    ],
  }),
  chat({
    provider: 'together',
    model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    env: { TOGETHER_API_KEY: 'key-together' },
    url: 'https://api.together.xyz/v1',
  }),
  chat({
    provider: 'fireworks',
    model: 'accounts/fireworks/models/llama-v3p3-70b-instruct',
    env: { FIREWORKS_API_KEY: 'key-fireworks' },
    url: 'https://api.fireworks.ai/inference/v1',
  }),
  chat({
    provider: 'cerebras',
    model: 'llama-3.3-70b',
    env: { CEREBRAS_API_KEY: 'key-cerebras' },
    url: 'https://api.cerebras.ai/v1',
    last: { usage: COUNTS, time_info: { queue_time: 0.001, total_time: 0.02 } },
    badKey: [401, { message: 'Wrong API Key', type: 'invalid_request_error', code: 'wrong_api_key' }],
    tooMany: {
      message: 'Requests per minute limit exceeded',
      type: 'too_many_requests_error',
      code: 'request_quota_exceeded',
    },
  }),
  chat({
    provider: 'perplexity',
    model: 'sonar',
    env: { PERPLEXITY_API_KEY: 'key-perplexity' },
    url: 'https://api.perplexity.ai',
    // It repeats the usage so far, the sources and the results in every chunk.
    shared: {
      usage: { ...COUNTS, search_context_size: 'low', cost: { request_cost: 0.005, total_cost: 0.005_017 } },
      citations: ['https://a.test'],
    },
    last: {},
    usage: { chargedUsd: 0.005_017 },
    tools: false,
  }),
  chat({
    provider: 'openrouter',
    model: 'openai/gpt-5-mini',
    env: { OPENROUTER_API_KEY: 'key-openrouter' },
    url: 'https://openrouter.ai/api/v1',
    opening: ': OPENROUTER PROCESSING\n\n',
    last: { usage: { ...COUNTS, cost: 0.000_2 } },
    usage: { chargedUsd: 0.000_2 },
    badKey: [401, { error: { message: 'No auth credentials found', code: 401 } }],
    tooMany: { error: { message: 'Rate limit exceeded: free-models-per-min.', code: 429 } },
  }),
  chat({
    provider: 'cloudflare',
    model: '@cf/meta/llama-3.3-70b-instruct-fp8-fast',
    env: { CLOUDFLARE_API_TOKEN: 'key-cloudflare', CLOUDFLARE_ACCOUNT_ID: 'acc1' },
    url: 'https://api.cloudflare.com/client/v4/accounts/acc1/ai/v1',
    badKey: [401, { success: false, errors: [{ code: 10_000, message: 'Authentication error' }] }],
    tooMany: { success: false, errors: [{ code: 3_040, message: 'Too many requests' }] },
  }),
  chat({
    provider: 'cloudflare-gateway',
    model: 'openai/gpt-5-mini',
    env: { CF_AIG_TOKEN: 'key-cf', CLOUDFLARE_ACCOUNT_ID: 'acc1', CLOUDFLARE_GATEWAY_ID: 'gw1' },
    url: 'https://gateway.ai.cloudflare.com/v1/acc1/gw1/compat',
    auth: ['cf-aig-authorization', 'Bearer key-cf'],
    badKey: [401, { success: false, error: [{ code: 2009, message: 'Unauthorized' }] }],
  }),
];

/** Makers of models whose own APIs have no dialect that we know of. */
export const MAKER_CASES: readonly ProviderCase[] = [
  ['moonshotai', 'kimi-k2.6', 'MOONSHOT_API_KEY', 'https://api.moonshot.ai/v1'],
  ['zai', 'GLM-5.3', 'ZAI_API_KEY', 'https://api.z.ai/api/paas/v4'],
  ['minimax', 'MiniMax-M2.7', 'MINIMAX_API_KEY', 'https://api.minimax.io/v1'],
  [
    'alibaba',
    'qwen3-coder-plus',
    'DASHSCOPE_API_KEY',
    'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  ],
  ['upstage', 'solar-pro2', 'UPSTAGE_API_KEY', 'https://api.upstage.ai/v1'],
  ['inception', 'mercury', 'INCEPTION_API_KEY', 'https://api.inceptionlabs.ai/v1'],
].map(([provider = '', model = '', variable = '', url = '']) =>
  chat({ provider, model, env: { [variable]: `key-${provider}` }, url }),
);

/** Servers of one's own take no key. */
export const LOCAL_CASES: readonly ProviderCase[] = [
  ['ollama', 11_434],
  ['lmstudio', 1_234],
  ['vllm', 8_000],
].map(([provider, port]) =>
  chat({
    provider: String(provider),
    model: 'qwen3',
    env: {},
    url: `http://127.0.0.1:${port}/v1`,
    auth: ['authorization', /^$/],
  }),
);
