import { isObject, objectOf, objectsOf, stringOf } from '../json.ts';
import { openaiError, openaiErrorBody, openaiRateLimitHeaders } from './openai-problems.ts';
import { bearer, COMMENT, partText, sse, textOf } from './wire.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Answer, Frame, Part, SimMessage, SimRequest, Token, WireCodec } from './wire.ts';

/** Constant, so that the same call gives the same bytes at any time: 2026-01-01T00:00:00Z. */
const CREATED_S = 1_767_225_600;

const FINISH = {
  stop: 'stop',
  'tool-calls': 'tool_calls',
  length: 'length',
  'content-filter': 'content_filter',
} as const;

const EMPTY_DELTA = sse({
  id: 'chatcmpl-sim',
  object: 'chat.completion.chunk',
  created: CREATED_S,
  model: 'simulated',
  choices: [{ index: 0, delta: { content: '' }, logprobs: null, finish_reason: null }],
});

/** OpenAI chat completions, also spoken by Groq, Ollama, vLLM and many others. */
export const openaiWire: WireCodec = {
  format: 'openai',
  basePath: '/v1',
  route: (path) => (path === '/v1/chat/completions' ? {} : undefined),
  credential: (headers) => bearer(headers['authorization']),
  parse(body) {
    const model = stringOf(body['model']);
    if (model === undefined) return { invalid: 'you must provide a model parameter' };
    if (!Array.isArray(body['messages']) || body['messages'].length === 0) {
      return { invalid: "Invalid 'messages': expected a non-empty array." };
    }
    const messages: SimMessage[] = [];
    for (const message of body['messages']) {
      const parsed = parseMessage(message);
      if (parsed === undefined) return { invalid: `Invalid value in 'messages[${messages.length}]'.` };
      messages.push(parsed);
    }
    return { request: { model, messages, ...parseOptions(body) } };
  },
  stream: streamFrames,
  whole: (answer) => ({
    id: `chatcmpl-${answer.id}`,
    object: 'chat.completion',
    created: CREATED_S,
    model: answer.request.model,
    choices: [
      {
        index: 0,
        message: wholeMessage(answer),
        logprobs: logprobs(answer, answer.parts.flatMap(textTokens)),
        finish_reason: FINISH[answer.finish],
      },
    ],
    usage: usage(answer),
  }),
  error: openaiError,
  errorEvent: (problem) => sse(openaiErrorBody(problem)),
  rateLimitHeaders: openaiRateLimitHeaders,
  filler: (kind) => (kind === 'ping' || kind === 'comment' ? COMMENT : EMPTY_DELTA),
  promptCaching: 'automatic',
  refusal: 'status',
  headers: (id) => ({ 'x-request-id': `req_${id}` }),
};

function parseMessage(message: Json): SimMessage | undefined {
  const role = objectOf(message)['role'];
  const text = textContent(objectOf(message)['content']);
  if (role === 'user' || role === 'assistant' || role === 'tool') return { role, text };
  if (role === 'system' || role === 'developer') return { role: 'system', text };
  return undefined;
}

function textContent(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((part) => stringOf(part['text']) ?? '')
    .join('\n');
}

function parseOptions(body: JsonObject): Omit<SimRequest, 'model' | 'messages'> {
  const format = objectOf(body['response_format']);
  const schema = objectOf(format['json_schema'])['schema'];
  const isJson = format['type'] === 'json_schema' || format['type'] === 'json_object';
  const limit = body['max_completion_tokens'] ?? body['max_tokens'];
  return {
    stream: body['stream'] === true,
    tools: objectsOf(body['tools'])
      .map((tool) => objectOf(tool['function']))
      .map((tool) => ({
        name: stringOf(tool['name']) ?? '',
        description: stringOf(tool['description']) ?? '',
        schema: objectOf(tool['parameters']),
      })),
    toolChoice: parseToolChoice(body['tool_choice']),
    parallelTools: body['parallel_tool_calls'] !== false,
    answer: isJson ? { type: 'json', schema: isObject(schema) ? schema : null } : { type: 'text' },
    logprobs: body['logprobs'] === true,
    includeUsage: objectOf(body['stream_options'])['include_usage'] === true,
    maxTokens: typeof limit === 'number' && limit > 0 ? limit : null,
  };
}

function parseToolChoice(choice: Json | undefined): SimRequest['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice;
  const name = stringOf(objectOf(objectOf(choice)['function'])['name']);
  return name === undefined ? 'auto' : { name };
}

function streamFrames(answer: Answer): readonly Frame[] {
  const { request } = answer;
  const event = (choices: Json, usageValue: Json = null): string =>
    sse({
      id: `chatcmpl-${answer.id}`,
      object: 'chat.completion.chunk',
      created: CREATED_S,
      model: request.model,
      choices,
      ...(request.includeUsage ? { usage: usageValue } : {}),
    });
  const delta = (value: JsonObject, tokens: readonly Token[] = []): string =>
    event([{ index: 0, delta: value, logprobs: logprobs(answer, tokens), finish_reason: null }]);

  const frames: Frame[] = [
    { kind: 'open', text: delta({ role: 'assistant', content: '', refusal: null }), tokens: 0 },
  ];
  let toolIndex = 0;
  for (const part of answer.parts) {
    if (part.type === 'tool-call') {
      const call = { index: toolIndex, id: `call_${part.id}`, type: 'function' };
      const opening = delta({ tool_calls: [{ ...call, function: { name: part.name, arguments: '' } }] });
      frames.push({ kind: 'content', text: opening, tokens: 0 });
    }
    for (const tokens of part.deltas) {
      const text =
        part.type === 'text'
          ? delta({ content: textOf(tokens) }, tokens)
          : delta({ tool_calls: [{ index: toolIndex, function: { arguments: textOf(tokens) } }] });
      frames.push({ kind: 'content', text, tokens: tokens.length });
    }
    if (part.type === 'tool-call') toolIndex++;
  }
  const finished = event([{ index: 0, delta: {}, logprobs: null, finish_reason: FINISH[answer.finish] }]);
  frames.push({ kind: 'finish', text: finished, tokens: 0 });
  if (request.includeUsage) frames.push({ kind: 'finish', text: event([], usage(answer)), tokens: 0 });
  frames.push({ kind: 'end', text: 'data: [DONE]\n\n', tokens: 0 });
  return frames;
}

function wholeMessage(answer: Answer): JsonObject {
  const text = answer.parts.filter((part) => part.type === 'text').map(partText);
  const calls = answer.parts.filter((part) => part.type === 'tool-call');
  return {
    role: 'assistant',
    content: text.length > 0 ? text.join('') : null,
    refusal: null,
    ...(calls.length > 0
      ? {
          tool_calls: calls.map((call) => ({
            id: `call_${call.id}`,
            type: 'function',
            function: { name: call.name, arguments: partText(call) },
          })),
        }
      : {}),
  };
}

const textTokens = (part: Part): readonly Token[] => (part.type === 'text' ? part.deltas.flat() : []);

function logprobs(answer: Answer, tokens: readonly Token[]): Json {
  if (!answer.request.logprobs || tokens.length === 0) return null;
  return {
    content: tokens.map((token) => ({
      token: token.text,
      logprob: token.logprob,
      bytes: [...Buffer.from(token.text)],
      top_logprobs: [],
    })),
    refusal: null,
  };
}

function usage(answer: Answer): JsonObject {
  const { inputTokens, outputTokens, cachedTokens } = answer.usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}
