import { isObject, objectOf, objectsOf, stringOf } from '../json.ts';
import { COMMENT, partText, sse, textOf } from './wire.ts';
import type { Json, JsonObject } from '../json.ts';
import type {
  Answer,
  Frame,
  Part,
  Problem,
  ProblemKind,
  SimMessage,
  SimRequest,
  SimTool,
  WireCodec,
} from './wire.ts';

/** `blocked` prompts have no finish reason: they have no candidate. */
const FINISH = {
  stop: 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
} as const;

const PROBLEMS: Record<ProblemKind, { code: number; status: string; message: string }> = {
  'invalid-request': { code: 400, status: 'INVALID_ARGUMENT', message: 'Invalid request.' },
  auth: {
    code: 401,
    status: 'UNAUTHENTICATED',
    message: 'Request had invalid authentication credentials. Expected a valid API key.',
  },
  'not-found': { code: 404, status: 'NOT_FOUND', message: 'The requested URL was not found on this server.' },
  'model-not-found': {
    code: 404,
    status: 'NOT_FOUND',
    message: 'The model is not found for API version v1beta, or is not supported for generateContent.',
  },
  'too-large': { code: 413, status: 'INVALID_ARGUMENT', message: 'Request payload size exceeds the limit.' },
  'context-too-large': {
    code: 400,
    status: 'INVALID_ARGUMENT',
    message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  },
  'content-filter': { code: 400, status: 'INVALID_ARGUMENT', message: 'The prompt was blocked.' },
  prefill: {
    code: 400,
    status: 'INVALID_ARGUMENT',
    message:
      'This model does not support assistant message prefill. The conversation must end with a user message.',
  },
  'rate-limit': {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'Resource has been exhausted (e.g. check quota).',
  },
  quota: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
  },
  internal: { code: 500, status: 'INTERNAL', message: 'An internal error has occurred. Please retry.' },
  overloaded: {
    code: 503,
    status: 'UNAVAILABLE',
    message: 'The model is overloaded. Please try again later.',
  },
  unavailable: { code: 503, status: 'UNAVAILABLE', message: 'The service is currently unavailable.' },
};

const MODEL_CALL = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

/** Google Gemini `generateContent` and `streamGenerateContent?alt=sse`. */
export const googleWire: WireCodec = {
  format: 'google',
  basePath: '/v1beta',
  route(path, query) {
    const [, model, method] = MODEL_CALL.exec(path) ?? [];
    if (model === undefined) return undefined;
    const stream = method === 'streamGenerateContent';
    // Without alt=sse Gemini streams one growing JSON array: no client we know of asks for it.
    return stream && query.get('alt') !== 'sse' ? undefined : { model, stream };
  },
  credential: (headers, query) => headers['x-goog-api-key'] ?? query.get('key') ?? undefined,
  parse(body, { model = '', stream = false }) {
    if (!Array.isArray(body['contents']) || body['contents'].length === 0) {
      return { invalid: '* GenerateContentRequest.contents: contents is not specified' };
    }
    const messages: SimMessage[] = [];
    const system = partsText(body['systemInstruction'] ?? body['system_instruction']);
    if (system !== '') messages.push({ role: 'system', text: system });
    for (const content of body['contents']) {
      const { role = 'user' } = objectOf(content);
      if (role !== 'user' && role !== 'model' && role !== 'function') {
        return { invalid: 'Please use a valid role: user, model.' };
      }
      for (const parsed of parseContent(role === 'model' ? 'assistant' : 'user', content))
        messages.push(parsed);
    }
    return { request: { model, stream, messages, ...parseOptions(body) } };
  },
  stream: streamFrames,
  whole: (answer) =>
    isBlocked(answer)
      ? blocked(answer)
      : chunk(answer, answer.parts.map(contentPart), {
          finishReason: FINISH[answer.finish],
          ...counted(answer),
        }),
  error(problem) {
    const { code } = PROBLEMS[problem.kind];
    return { status: code, headers: {}, body: JSON.stringify(errorBody(problem)) };
  },
  errorEvent: (problem) => sse(errorBody(problem)),
  rateLimitHeaders: () => ({}),
  filler: (kind) => {
    if (kind === 'ping' || kind === 'comment') return COMMENT;
    const part = kind === 'reasoning' ? { text: 'Hmm. ', thought: true } : { text: '' };
    return sse({ candidates: [{ content: { parts: [part], role: 'model' }, index: 0 }] });
  },
  promptCaching: 'automatic',
  refusal: 'answer',
  headers: () => ({}),
};

function parseContent(role: 'user' | 'assistant', content: Json): readonly SimMessage[] {
  const results = objectsOf(objectOf(content)['parts'])
    .map((part) => part['functionResponse'])
    .filter(isObject)
    .map((result) => ({ role: 'tool' as const, text: resultText(objectOf(result['response'])) }));
  const text = partsText(content);
  return text === '' && results.length > 0 ? results : [...results, { role, text }];
}

/** Clients wrap a tool's result as `{ name, content }`; the content is the result or its JSON text. */
function resultText(response: JsonObject): string {
  const result = response['content'] ?? response;
  return typeof result === 'string' ? result : JSON.stringify(result);
}

function partsText(content: Json | undefined): string {
  return objectsOf(objectOf(content)['parts'])
    .flatMap((part) => stringOf(part['text']) ?? [])
    .join('\n');
}

function parseOptions(body: JsonObject): Omit<SimRequest, 'model' | 'messages' | 'stream'> {
  const config = objectOf(body['generationConfig']);
  const tools = objectsOf(body['tools'])
    .flatMap((tool) => objectsOf(tool['functionDeclarations']))
    .map((tool) => ({
      name: stringOf(tool['name']) ?? '',
      description: stringOf(tool['description']) ?? '',
      schema: objectOf(tool['parametersJsonSchema'] ?? tool['parameters']),
    }));
  const limit = config['maxOutputTokens'];
  return {
    tools,
    toolChoice: toolChoice(objectOf(objectOf(body['toolConfig'])['functionCallingConfig'])),
    parallelTools: true,
    answer: parseAnswer(config, tools),
    logprobs: false,
    includeUsage: true,
    maxTokens: typeof limit === 'number' && limit > 0 ? limit : null,
  };
}

function toolChoice({ mode, allowedFunctionNames }: JsonObject): SimRequest['toolChoice'] {
  const [only, ...others] = Array.isArray(allowedFunctionNames) ? allowedFunctionNames : [];
  if (mode === 'NONE') return 'none';
  if (mode !== 'ANY') return 'auto';
  return typeof only === 'string' && others.length === 0 ? { name: only } : 'required';
}

/** Models before Gemini 3 refuse a JSON format beside tools; clients then offer a tool called `json` as the way to answer. */
function parseAnswer(config: JsonObject, tools: readonly SimTool[]): SimRequest['answer'] {
  if (config['responseMimeType'] === 'application/json') {
    const schema = config['responseJsonSchema'] ?? config['responseSchema'];
    return { type: 'json', schema: isObject(schema) ? schema : null };
  }
  const tool = tools.find(({ name }) => /^json(_\d+)?$/.test(name));
  return tool === undefined ? { type: 'text' } : { type: 'json', schema: tool.schema, tool: tool.name };
}

function streamFrames(answer: Answer): readonly Frame[] {
  if (isBlocked(answer)) return [{ kind: 'finish', text: sse(blocked(answer)), tokens: 0 }];
  const frames: Frame[] = [];
  for (const part of answer.parts) {
    if (part.type === 'text') {
      for (const tokens of part.deltas) {
        const text = sse(chunk(answer, [{ text: textOf(tokens) }]));
        frames.push({ kind: 'content', text, tokens: tokens.length });
      }
    } else {
      // Gemini sends a function call whole, in one event.
      const text = sse(chunk(answer, [contentPart(part)]));
      frames.push({ kind: 'content', text, tokens: part.deltas.flat().length });
    }
  }
  const last = chunk(answer, [{ text: '' }], { finishReason: FINISH[answer.finish], ...counted(answer) });
  return [...frames, { kind: 'finish', text: sse(last), tokens: 0 }];
}

const contentPart = (part: Part): JsonObject =>
  part.type === 'text'
    ? { text: partText(part) }
    : { functionCall: { id: part.id, name: part.name, args: part.input } };

function chunk(
  answer: Answer,
  parts: readonly JsonObject[],
  last: { finishReason?: string; usageMetadata?: JsonObject } = {},
): JsonObject {
  const { finishReason, usageMetadata } = last;
  const candidate = { content: { parts, role: 'model' }, index: 0 };
  return {
    candidates: [finishReason === undefined ? candidate : { ...candidate, finishReason }],
    ...(usageMetadata === undefined ? {} : { usageMetadata }),
    modelVersion: answer.request.model,
    responseId: answer.id,
  };
}

const isBlocked = (answer: Answer): boolean =>
  answer.finish === 'content-filter' && answer.parts.length === 0;

const blocked = (answer: Answer): JsonObject => ({
  promptFeedback: { blockReason: 'SAFETY' },
  ...counted(answer),
  modelVersion: answer.request.model,
  responseId: answer.id,
});

const counted = (answer: Answer): { usageMetadata: JsonObject } => {
  const { inputTokens, outputTokens, cachedTokens } = answer.usage;
  return {
    usageMetadata: {
      promptTokenCount: inputTokens,
      ...(cachedTokens > 0 && { cachedContentTokenCount: cachedTokens }),
      candidatesTokenCount: outputTokens,
      totalTokenCount: inputTokens + outputTokens,
    },
  };
};

/** Gemini says how long to wait in the body, not in a header. */
function errorBody(problem: Problem): JsonObject {
  const { code, status, message } = PROBLEMS[problem.kind];
  const { retryAfterMs = 0 } = problem;
  const retryInfo = {
    '@type': 'type.googleapis.com/google.rpc.RetryInfo',
    retryDelay: `${retryAfterMs / 1_000}s`,
  };
  return {
    error: {
      code,
      message: problem.message ?? message,
      status,
      ...(retryAfterMs > 0 ? { details: [retryInfo] } : {}),
    },
  };
}
