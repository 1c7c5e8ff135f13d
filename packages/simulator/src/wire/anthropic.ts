import { dateAt } from '@paceline/resilience';
import { isObject, objectOf, objectsOf, stringOf } from '../json.ts';
import { bearer, COMMENT, partText, sse, textOf } from './wire.ts';
import type { Json, JsonObject } from '../json.ts';
import type {
  Allowance,
  Answer,
  Filler,
  Frame,
  Part,
  Problem,
  ProblemKind,
  SimMessage,
  SimRequest,
  SimTool,
  WireCodec,
} from './wire.ts';

const FINISH = {
  stop: 'end_turn',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  'content-filter': 'refusal',
} as const;

const PROBLEMS: Record<ProblemKind, { status: number; type: string; message: string }> = {
  'invalid-request': { status: 400, type: 'invalid_request_error', message: 'Invalid request.' },
  auth: { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
  'not-found': { status: 404, type: 'not_found_error', message: 'Not found' },
  'model-not-found': { status: 404, type: 'not_found_error', message: 'model: not found' },
  'too-large': { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' },
  'context-too-large': {
    status: 400,
    type: 'invalid_request_error',
    message: 'prompt is too long: 213462 tokens > 200000 maximum',
  },
  'content-filter': {
    status: 400,
    type: 'invalid_request_error',
    message: 'Output blocked by content filtering policy',
  },
  prefill: {
    status: 400,
    type: 'invalid_request_error',
    message:
      'This model does not support assistant message prefill. The conversation must end with a user message.',
  },
  'rate-limit': {
    status: 429,
    type: 'rate_limit_error',
    message: "This request would exceed your organization's rate limit of 50 requests per minute.",
  },
  quota: {
    status: 429,
    type: 'rate_limit_error',
    message: 'You have reached your specified API usage limits. Please go to Plans & Billing.',
  },
  internal: { status: 500, type: 'api_error', message: 'Internal server error' },
  overloaded: { status: 529, type: 'overloaded_error', message: 'Overloaded' },
  unavailable: { status: 503, type: 'api_error', message: 'Service temporarily unavailable' },
};

/** Anthropic messages. */
export const anthropicWire: WireCodec = {
  format: 'anthropic',
  basePath: '/v1',
  route: (path) => (path === '/v1/messages' ? {} : undefined),
  credential: (headers) => headers['x-api-key'] ?? bearer(headers['authorization']),
  parse(body) {
    const model = stringOf(body['model']);
    if (model === undefined) return { invalid: 'model: Field required' };
    if (typeof body['max_tokens'] !== 'number') return { invalid: 'max_tokens: Field required' };
    if (!Array.isArray(body['messages']) || body['messages'].length === 0) {
      return { invalid: 'messages: at least one message is required' };
    }
    const messages: SimMessage[] = [];
    const system = textBlocks(body['system']);
    if (system !== '') messages.push({ role: 'system', text: system, ...keepFor(objectsOf(body['system'])) });
    for (const [at, message] of body['messages'].entries()) {
      const { role, content } = objectOf(message);
      if (role !== 'user' && role !== 'assistant') {
        return { invalid: `messages.${at}.role: Input should be 'user' or 'assistant'` };
      }
      for (const parsed of parseContent(role, content)) messages.push(parsed);
    }
    return { request: { model, messages, ...parseOptions(body) } };
  },
  stream: streamFrames,
  whole: (answer) => ({
    ...messageHead(answer),
    content: answer.parts.map((part) =>
      part.type === 'text'
        ? { type: 'text', text: partText(part) }
        : { type: 'tool_use', id: `toolu_${part.id}`, name: part.name, input: part.input },
    ),
    stop_reason: FINISH[answer.finish],
    usage: usage(answer, answer.usage.outputTokens),
  }),
  error(problem) {
    const { retryAfterMs = 0 } = problem;
    const headers = retryAfterMs > 0 ? { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) } : {};
    return { status: PROBLEMS[problem.kind].status, headers, body: JSON.stringify(errorBody(problem)) };
  },
  errorEvent: (problem) => sse(errorBody(problem), 'error'),
  rateLimitHeaders,
  filler,
  promptCaching: 'asked',
  refusal: 'answer',
  headers: (id) => ({ 'request-id': `req_${id}` }),
};

/** Tool results travel inside user messages here; each becomes a message of its own. */
function parseContent(role: 'user' | 'assistant', content: Json | undefined): readonly SimMessage[] {
  if (typeof content === 'string') return [{ role, text: content }];
  const blocks = objectsOf(content);
  const results = blocks
    .filter((block) => block['type'] === 'tool_result')
    .map((block) => ({ role: 'tool' as const, text: textBlocks(block['content']), ...keepFor([block]) }));
  const others = blocks.filter((block) => block['type'] !== 'tool_result');
  const text = textBlocks(content);
  return text === '' && results.length > 0 ? results : [...results, { role, text, ...keepFor(others) }];
}

/** A breakpoint in the middle of a message counts as one at its end. */
function keepFor(blocks: readonly JsonObject[]): Pick<SimMessage, 'keepFor'> {
  const marks = blocks.map((block) => block['cache_control']).filter(isObject);
  if (marks.length === 0) return {};
  return { keepFor: marks.some(({ ttl }) => ttl === '1h') ? '1h' : '5m' };
}

function textBlocks(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .flatMap((block) => stringOf(block['text']) ?? [])
    .join('\n');
}

function parseOptions(body: JsonObject): Omit<SimRequest, 'model' | 'messages'> {
  const tools = objectsOf(body['tools']).map((tool) => ({
    name: stringOf(tool['name']) ?? '',
    description: stringOf(tool['description']) ?? '',
    schema: objectOf(tool['input_schema']),
  }));
  const limit = body['max_tokens'];
  const { type, name, disable_parallel_tool_use: oneByOne } = objectOf(body['tool_choice']);
  return {
    stream: body['stream'] === true,
    tools,
    toolChoice: toolChoice(type, name),
    parallelTools: oneByOne !== true,
    answer: parseAnswer(body, tools),
    logprobs: false,
    includeUsage: true,
    maxTokens: typeof limit === 'number' && limit > 0 ? limit : null,
  };
}

function toolChoice(type: Json | undefined, name: Json | undefined): SimRequest['toolChoice'] {
  if (type === 'tool' && typeof name === 'string') return { name };
  if (type === 'any') return 'required';
  return type === 'none' ? 'none' : 'auto';
}

/** Newer models take `output_config.format`; for older ones clients offer a tool called `json` as the way to answer. */
function parseAnswer(body: JsonObject, tools: readonly SimTool[]): SimRequest['answer'] {
  const format = objectOf(objectOf(body['output_config'])['format'] ?? body['output_format']);
  if (format['type'] === 'json_schema') {
    return { type: 'json', schema: isObject(format['schema']) ? format['schema'] : null };
  }
  const tool = tools.find(({ name }) => name === 'json');
  return tool === undefined ? { type: 'text' } : { type: 'json', schema: tool.schema, tool: 'json' };
}

function streamFrames(answer: Answer): readonly Frame[] {
  const start = { ...messageHead(answer), stop_reason: null, usage: usage(answer, 1) };
  return [
    frame('open', 'message_start', { message: start }),
    ...answer.parts.flatMap(blockFrames),
    frame('finish', 'message_delta', {
      delta: { stop_reason: FINISH[answer.finish], stop_sequence: null },
      usage: { output_tokens: answer.usage.outputTokens },
    }),
    frame('end', 'message_stop', {}),
  ];
}

function blockFrames(part: Part, index: number): readonly Frame[] {
  const isText = part.type === 'text';
  const block = isText
    ? { type: 'text', text: '' }
    : { type: 'tool_use', id: `toolu_${part.id}`, name: part.name, input: {} };
  return [
    frame('content', 'content_block_start', { index, content_block: block }),
    ...part.deltas.map((tokens) => {
      const text = textOf(tokens);
      const delta = isText ? { type: 'text_delta', text } : { type: 'input_json_delta', partial_json: text };
      return { ...frame('content', 'content_block_delta', { index, delta }), tokens: tokens.length };
    }),
    frame('content', 'content_block_stop', { index }),
  ];
}

const frame = (kind: Frame['kind'], event: string, data: JsonObject): Frame => ({
  kind,
  text: sse({ type: event, ...data }, event),
  tokens: 0,
});

function filler(kind: Filler, nth: number): string {
  if (kind === 'comment') return COMMENT;
  if (kind === 'ping') return sse({ type: 'ping' }, 'ping');
  const isThought = kind === 'reasoning';
  const empty = isThought ? { type: 'thinking', thinking: '' } : { type: 'text', text: '' };
  const delta = isThought ? { type: 'thinking_delta', thinking: 'Hmm. ' } : { type: 'text_delta', text: '' };
  const opening = frame('content', 'content_block_start', { index: FILLER_INDEX, content_block: empty }).text;
  const next = frame('content', 'content_block_delta', { index: FILLER_INDEX, delta }).text;
  return nth === 0 ? opening + next : next;
}

/** Beyond the blocks of any answer, so that fillers fit before and in the middle of one. */
const FILLER_INDEX = 9;

const messageHead = (answer: Answer): JsonObject => ({
  id: `msg_${answer.id}`,
  type: 'message',
  role: 'assistant',
  model: answer.request.model,
  content: [],
  stop_sequence: null,
});

/** Tokens read from the cache or written to it are not among the input tokens here. */
function usage(
  { usage: { inputTokens, cachedTokens, cacheWriteTokens, hourWriteTokens } }: Answer,
  outputTokens: number,
): JsonObject {
  return {
    input_tokens: inputTokens - cachedTokens - cacheWriteTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWriteTokens - hourWriteTokens,
      ephemeral_1h_input_tokens: hourWriteTokens,
    },
    cache_read_input_tokens: cachedTokens,
    output_tokens: outputTokens,
  };
}

function rateLimitHeaders(
  allowances: readonly Allowance[],
  epochMs: number,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const { of, limit, remaining, fullInMs } of allowances) {
    headers[`anthropic-ratelimit-${of}-limit`] = String(limit);
    headers[`anthropic-ratelimit-${of}-remaining`] = String(remaining);
    // RFC 3339 in whole seconds.
    const reset = dateAt(Math.ceil((epochMs + fullInMs) / 1_000) * 1_000);
    headers[`anthropic-ratelimit-${of}-reset`] = reset.toISOString().replace('.000Z', 'Z');
  }
  return headers;
}

function errorBody(problem: Problem): JsonObject {
  const { type, message } = PROBLEMS[problem.kind];
  return { type: 'error', error: { type, message: problem.message ?? message } };
}
