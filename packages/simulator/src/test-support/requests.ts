import type { JsonObject } from '../json.ts';
import type { WireFormat } from '../wire/wire.ts';

export const WIRES = ['openai', 'anthropic', 'google'] as const satisfies readonly WireFormat[];

/** A model request in no format yet. */
export interface Ask {
  /** @default 'Hello' */
  readonly text?: string;
  readonly system?: string;
  readonly schema?: JsonObject;
  readonly tools?: readonly Tool[];
  /** @default true */
  readonly stream?: boolean;
  readonly maxTokens?: number;
  /** @default a small model of the provider */
  readonly model?: string;
  /** `x-paceline-call`. */
  readonly call?: string;
  /** Sent as a bearer token, which all but Google take. */
  readonly credential?: string;
  /** `x-paceline-fault`. */
  readonly fault?: string;
  /** Laid over the body as it is. */
  readonly extra?: JsonObject;
  readonly signal?: AbortSignal;
}

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonObject;
}

interface WireRequest {
  readonly path: string;
  readonly body: JsonObject;
}

/** The request as a client of this format writes it; the provider is called like its format. */
export function requestOf(wire: WireFormat, ask: Ask): WireRequest {
  const { path, body } = WRITERS[wire]({
    text: 'Hello',
    stream: true,
    maxTokens: 1_000,
    model: `${wire}-mini`,
    ...ask,
  });
  return { path, body: { ...body, ...ask.extra } };
}

type FullAsk = Ask & Required<Pick<Ask, 'text' | 'stream' | 'maxTokens' | 'model'>>;

const WRITERS: Record<WireFormat, (ask: FullAsk) => WireRequest> = {
  openai: ({ text, system, schema, tools, stream, maxTokens, model }) => ({
    path: '/openai/v1/chat/completions',
    body: {
      model,
      stream,
      stream_options: { include_usage: true },
      max_tokens: maxTokens,
      messages: [...(system ? [{ role: 'system', content: system }] : []), { role: 'user', content: text }],
      ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } }),
      ...(tools && { tools: tools.map(openaiTool) }),
    },
  }),
  anthropic: ({ text, system, schema, tools, stream, maxTokens, model }) => ({
    path: '/anthropic/v1/messages',
    body: {
      model,
      stream,
      max_tokens: maxTokens,
      messages: [{ role: 'user', content: [{ type: 'text', text }] }],
      ...(system && { system: [{ type: 'text', text: system }] }),
      ...(schema && { output_config: { format: { type: 'json_schema', schema } } }),
      ...(tools && { tools: tools.map(anthropicTool) }),
    },
  }),
  google: ({ text, system, schema, tools, stream, maxTokens, model }) => ({
    path: `/google/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: {
      contents: [{ role: 'user', parts: [{ text }] }],
      generationConfig: {
        maxOutputTokens: maxTokens,
        ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }),
      },
      ...(system && { systemInstruction: { parts: [{ text: system }] } }),
      ...(tools && { tools: [{ functionDeclarations: tools.map(googleTool) }] }),
    },
  }),
};

const openaiTool = ({ name, description, schema }: Tool): JsonObject => ({
  type: 'function',
  function: { name, description, parameters: schema },
});

const anthropicTool = ({ name, description, schema }: Tool): JsonObject => ({
  name,
  description,
  input_schema: schema,
});

const googleTool = ({ name, description, schema }: Tool): JsonObject => ({
  name,
  description,
  parametersJsonSchema: schema,
});
