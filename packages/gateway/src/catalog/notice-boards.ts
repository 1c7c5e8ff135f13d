/** What a provider has announced of the end of some of its models. */
export interface Notice {
  /** The day from which requests fail. */
  readonly day: string;
  readonly models: readonly string[];
  /** What it recommends instead; `null`: nothing, or several. */
  readonly successor: string | null;
}

export interface NoticeBoard {
  /** The page, as it stood in autumn 2026. */
  readonly page: string;
  readonly notices: readonly Notice[];
}

/** Providers that publish days and successors on a page of their own; the other sources seldom tell of either. */
export const NOTICE_BOARDS: Readonly<Record<string, NoticeBoard>> = {
  openai: {
    page: 'https://developers.openai.com/api/docs/deprecations',
    notices: [
      // The snapshots alone: the page does not say what becomes of the names that stand for them.
      {
        day: '2026-12-11',
        successor: 'gpt-5.6-sol',
        models: ['gpt-5-2025-08-07', 'gpt-5-pro-2025-10-06', 'o3-2025-04-16', 'o3-pro-2025-06-10'],
      },
      { day: '2026-12-11', successor: 'gpt-5.6-terra', models: ['gpt-5-mini-2025-08-07'] },
      { day: '2026-12-11', successor: 'gpt-5.6-luna', models: ['gpt-5-nano-2025-08-07'] },
      { day: '2026-10-23', successor: 'gpt-5.6-luna', models: ['gpt-4.1-nano'] },
      {
        day: '2026-10-23',
        successor: 'gpt-5.6-terra',
        models: ['gpt-3.5-turbo', 'gpt-3.5-turbo-0125', 'o4-mini'],
      },
      {
        day: '2026-10-23',
        successor: 'gpt-5.6-sol',
        models: ['gpt-4', 'gpt-4-0613', 'gpt-4-turbo', 'gpt-4o-2024-05-13', 'o1', 'o1-pro', 'o3-mini'],
      },
      { day: '2026-09-28', successor: 'gpt-5.6-terra', models: ['gpt-3.5-turbo-1106'] },
      { day: '2026-08-10', successor: 'gpt-5.6-sol', models: ['gpt-5.2-chat', 'gpt-5.3-chat'] },
      {
        day: '2026-07-23',
        successor: 'gpt-5.6-sol',
        models: [
          'gpt-5-chat',
          'gpt-5-codex',
          'gpt-5.1-chat',
          'gpt-5.1-codex',
          'gpt-5.1-codex-max',
          'gpt-5.2-codex',
          'o3-deep-research',
          'o4-mini-deep-research',
        ],
      },
      {
        day: '2026-07-23',
        successor: 'gpt-5.6-terra',
        models: ['gpt-4o-mini-search-preview', 'gpt-4o-search-preview', 'gpt-5.1-codex-mini'],
      },
      {
        day: '2026-03-26',
        successor: null,
        models: ['gpt-4-0314', 'gpt-4-0125-preview', 'gpt-4-1106-preview', 'gpt-4-turbo-preview'],
      },
      { day: '2026-02-17', successor: 'gpt-5.1-chat-latest', models: ['chatgpt-4o'] },
      { day: '2026-02-12', successor: 'gpt-5-codex-mini', models: ['codex-mini'] },
      { day: '2025-10-27', successor: 'o4-mini', models: ['o1-mini'] },
      { day: '2025-07-28', successor: 'o3', models: ['o1-preview'] },
      { day: '2025-07-14', successor: 'gpt-4.1', models: ['gpt-4.5-preview'] },
      { day: '2025-06-06', successor: 'gpt-4o', models: ['gpt-4-32k', 'gpt-4-32k-0613'] },
      { day: '2024-12-06', successor: 'gpt-4o', models: ['gpt-4-vision-preview'] },
      {
        day: '2024-09-13',
        successor: 'gpt-3.5-turbo',
        models: ['gpt-3.5-0301', 'gpt-3.5-turbo-0301', 'gpt-3.5-turbo-0613', 'gpt-3.5-turbo-16k'],
      },
    ],
  },
  anthropic: {
    page: 'https://platform.claude.com/docs/en/about-claude/model-deprecations',
    notices: [
      { day: '2026-08-05', successor: 'claude-opus-4-8', models: ['claude-opus-4-1'] },
      { day: '2026-06-15', successor: 'claude-opus-4-8', models: ['claude-opus-4'] },
      { day: '2026-06-15', successor: 'claude-sonnet-4-6', models: ['claude-sonnet-4'] },
      { day: '2026-04-20', successor: 'claude-haiku-4-5-20251001', models: ['claude-3-haiku'] },
      { day: '2026-02-19', successor: 'claude-haiku-4-5-20251001', models: ['claude-3-5-haiku'] },
      { day: '2026-02-19', successor: 'claude-sonnet-4-6', models: ['claude-3-7-sonnet'] },
      { day: '2026-01-05', successor: 'claude-opus-4-8', models: ['claude-3-opus'] },
      { day: '2025-10-28', successor: 'claude-sonnet-4-6', models: ['claude-3-5-sonnet'] },
      {
        day: '2025-07-21',
        successor: null,
        models: ['claude-2', 'claude-2.0', 'claude-2.1', 'claude-3-sonnet'],
      },
      {
        day: '2024-11-06',
        successor: 'claude-haiku-4-5-20251001',
        models: ['claude-v1', 'claude-1.3', 'claude-instant-1.2'],
      },
    ],
  },
  google: {
    page: 'https://ai.google.dev/gemini-api/docs/deprecations',
    notices: [
      { day: '2026-12-01', successor: 'gemini-3.8-flash', models: ['gemini-2.5-pro'] },
      { day: '2026-12-01', successor: 'gemini-3.5-flash-lite', models: ['gemini-2.5-flash'] },
      {
        day: '2026-06-01',
        successor: 'gemini-3.6-flash',
        models: ['gemini-2.0-flash', 'gemini-2.0-flash-001'],
      },
      {
        day: '2026-06-01',
        successor: 'gemini-3.1-flash-lite',
        models: ['gemini-2.0-flash-lite', 'gemini-2.0-flash-lite-001'],
      },
      { day: '2026-03-09', successor: 'gemini-3.1-pro-preview', models: ['gemini-3-pro-preview'] },
      {
        day: '2025-12-02',
        successor: 'gemini-3.1-pro-preview',
        models: [
          'gemini-2.5-pro-preview-03-25',
          'gemini-2.5-pro-preview-05-06',
          'gemini-2.5-pro-preview-06-05',
        ],
      },
      { day: '2025-11-18', successor: 'gemini-3.6-flash', models: ['gemini-2.5-flash-preview-05-20'] },
      {
        day: '2025-09-29',
        successor: null,
        models: ['gemini-1.5-flash', 'gemini-1.5-flash-8b', 'gemini-1.5-pro'],
      },
    ],
  },
  vertex: {
    page: 'https://docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions',
    notices: [
      {
        day: '2026-06-01',
        successor: 'gemini-3.1-flash-lite',
        models: ['gemini-2.0-flash', 'gemini-2.0-flash-lite'],
      },
      { day: '2025-09-24', successor: 'gemini-2.5-flash', models: ['gemini-1.5-pro', 'gemini-1.5-pro-002'] },
      {
        day: '2025-09-24',
        successor: 'gemini-2.5-flash-lite',
        models: ['gemini-1.5-flash', 'gemini-1.5-flash-002'],
      },
      {
        day: '2025-04-21',
        successor: 'gemini-2.5-flash',
        models: ['gemini-1.0-pro', 'gemini-1.0-pro-001', 'gemini-1.0-pro-002', 'gemini-1.0-pro-vision-001'],
      },
    ],
  },
  groq: {
    page: 'https://console.groq.com/docs/deprecations',
    notices: [
      { day: '2026-08-16', successor: 'openai/gpt-oss-120b', models: ['llama-3.3-70b-versatile'] },
      { day: '2026-08-16', successor: 'openai/gpt-oss-20b', models: ['llama-3.1-8b-instant'] },
      { day: '2026-07-17', successor: 'openai/gpt-oss-120b', models: ['qwen/qwen3-32b'] },
      { day: '2025-10-08', successor: 'llama-3.1-8b-instant', models: ['gemma2-9b-it'] },
      { day: '2025-08-30', successor: 'llama-3.3-70b-versatile', models: ['llama3-70b-8192'] },
      { day: '2025-08-30', successor: 'llama-3.1-8b-instant', models: ['llama3-8b-8192'] },
      { day: '2025-07-30', successor: 'qwen/qwen3-32b', models: ['mistral-saba-24b'] },
      { day: '2025-07-14', successor: 'qwen/qwen3-32b', models: ['qwen-qwq-32b'] },
      {
        day: '2025-04-14',
        successor: 'llama-3.1-8b-instant',
        models: ['llama-3.2-1b-preview', 'llama-3.2-3b-preview'],
      },
      {
        day: '2025-04-14',
        successor: 'meta-llama/llama-4-scout-17b-16e-instruct',
        models: ['llama-3.2-11b-vision-preview', 'llama-3.2-90b-vision-preview'],
      },
      { day: '2025-04-14', successor: 'llama-3.3-70b-versatile', models: ['llama-3.3-70b-specdec'] },
      { day: '2025-03-20', successor: 'llama-3.3-70b-versatile', models: ['mixtral-8x7b-32768'] },
      { day: '2025-01-24', successor: 'llama-3.3-70b-versatile', models: ['llama-3.1-70b-versatile'] },
      {
        day: '2025-01-06',
        successor: 'llama-3.3-70b-versatile',
        models: ['llama3-groq-70b-8192-tool-use-preview', 'llama3-groq-8b-8192-tool-use-preview'],
      },
      { day: '2024-12-18', successor: 'gemma2-9b-it', models: ['gemma-7b-it'] },
      {
        day: '2024-11-25',
        successor: 'llama-3.2-90b-vision-preview',
        models: ['llama-3.2-90b-text-preview'],
      },
      {
        day: '2024-10-28',
        successor: 'llama-3.2-11b-vision-preview',
        models: ['llama-3.2-11b-text-preview'],
      },
    ],
  },
  cerebras: {
    page: 'https://inference-docs.cerebras.ai/support/deprecation',
    notices: [
      {
        day: '2026-05-27',
        successor: null,
        models: ['llama3.1-8b', 'qwen-3-235b-a22b-instruct-2507'],
      },
      { day: '2026-02-16', successor: 'gpt-oss-120b', models: ['llama-3.3-70b', 'qwen-3-32b'] },
      { day: '2025-11-05', successor: 'zai-glm-4.7', models: ['qwen-3-coder-480b'] },
    ],
  },
};
