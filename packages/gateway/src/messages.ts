import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type { Message, ModelRequest, ToolSpec } from './request.ts';

/** Our request in the AI SDK's terms, all but the signal and the headers, which belong to an attempt. */
export function callOptions(request: ModelRequest): LanguageModelV4CallOptions {
  const { answer, tools, maxOutputTokens, temperature } = request;
  return {
    prompt: request.messages.map(toPromptMessage),
    ...(answer.type === 'json' && {
      responseFormat: { type: 'json', schema: answer.schema as object, name: answer.name },
    }),
    ...(tools !== undefined && tools.length > 0 && { tools: tools.map(toTool) }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    providerOptions: providerOptions(request),
  };
}

function toPromptMessage(message: Message): LanguageModelV4Message {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.text };
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.text }] };
    case 'assistant':
      return {
        role: 'assistant',
        content: [
          ...(message.text === '' ? [] : [{ type: 'text' as const, text: message.text }]),
          ...(message.toolCalls ?? []).map((call) => ({
            type: 'tool-call' as const,
            toolCallId: call.id,
            toolName: call.name,
            input: call.input,
          })),
        ],
      };
    case 'tool':
      return {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: message.toolCallId,
            toolName: message.toolName,
            output: {
              type: message.isError === true ? 'error-json' : 'json',
              value: message.result as never,
            },
          },
        ],
      };
  }
}

function toTool({ name, description, inputSchema }: ToolSpec) {
  return { type: 'function' as const, name, description, inputSchema: inputSchema as object };
}

/**
 * Strict schemas oblige OpenAI-like providers to refuse every schema with an optional property, so only schemas that
 * qualify ask for it; all answers are validated by the caller anyway.
 */
function providerOptions({ answer, logprobs }: ModelRequest): SharedV4ProviderOptions {
  const strictJsonSchema = answer.type === 'json' && isStrict(answer.schema);
  return {
    openai: { strictJsonSchema, ...(logprobs === true && { logprobs: true }) },
    openaiCompatible: { strictJsonSchema },
  };
}

/** True when every object in the schema lists all its properties as required and allows no others. */
function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== 'object' || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as Record<string, unknown>;
  if (type === 'object') {
    const names = Object.keys(properties ?? {});
    const listed = Array.isArray(required) ? required : [];
    if (additionalProperties !== false || !names.every((name) => listed.includes(name))) return false;
  }
  return Object.values(schema).every(isStrict);
}
