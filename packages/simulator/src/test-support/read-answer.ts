import { jsonEventsOf } from './observe.ts';
import type { Json, JsonObject } from '../json.ts';
import type { WireFormat } from '../wire/wire.ts';

/** What a client makes of a complete stream. */
export interface ReadAnswer {
  readonly text: string;
  readonly toolCalls: readonly { readonly name: string; readonly input: Json }[];
  readonly finish: string | null;
  readonly usage: { readonly input: number; readonly output: number } | null;
}

/** The value at a path such as `choices.0.delta.content`; `undefined` where there is none. */
export function at(value: Json | undefined, path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as JsonObject)[key] : undefined),
      value,
    );
}

/** Reads a streamed answer as a careful client of this format would. */
export function readAnswer(wire: WireFormat, body: string): ReadAnswer {
  return READERS[wire](jsonEventsOf(body));
}

const strings = (events: readonly JsonObject[], path: string): string[] =>
  events.map((event) => at(event, path)).filter((value) => typeof value === 'string');

interface ToolPaths {
  readonly index: string;
  readonly name: string;
  readonly input: string;
}

/** Each call opens with its name; the fragments of its input follow under the same index. */
function toolCalls(pieces: readonly Json[], { index, name, input }: ToolPaths): ReadAnswer['toolCalls'] {
  const openings = pieces.filter((piece) => at(piece, name) !== undefined);
  return openings.map((opening) => {
    const own = pieces.filter((piece) => at(piece, index) === at(opening, index));
    const text = own.map((piece) => at(piece, input) ?? '').join('');
    return { name: String(at(opening, name)), input: JSON.parse(text) as Json };
  });
}

const READERS: Record<WireFormat, (events: readonly JsonObject[]) => ReadAnswer> = {
  openai(events) {
    const usage = events.map((event) => event['usage']).find(Boolean);
    const deltas = events.flatMap((event) => at(event, 'choices.0.delta.tool_calls.0') ?? []);
    return {
      text: strings(events, 'choices.0.delta.content').join(''),
      toolCalls: toolCalls(deltas, {
        index: 'index',
        name: 'function.name',
        input: 'function.arguments',
      }),
      finish: strings(events, 'choices.0.finish_reason')[0] ?? null,
      usage: usage
        ? { input: Number(at(usage, 'prompt_tokens')), output: Number(at(usage, 'completion_tokens')) }
        : null,
    };
  },
  anthropic(events) {
    const last = events.find((event) => event['type'] === 'message_delta');
    return {
      text: strings(events, 'delta.text').join(''),
      toolCalls: toolCalls(events, {
        index: 'index',
        name: 'content_block.name',
        input: 'delta.partial_json',
      }),
      finish: strings(events, 'delta.stop_reason')[0] ?? null,
      usage: last
        ? {
            input: Number(at(events[0], 'message.usage.input_tokens')),
            output: Number(at(last, 'usage.output_tokens')),
          }
        : null,
    };
  },
  google(events) {
    const usage = events.map((event) => event['usageMetadata']).find(Boolean);
    const calls = events.flatMap((event) => at(event, 'candidates.0.content.parts.0.functionCall') ?? []);
    return {
      text: strings(events, 'candidates.0.content.parts.0.text').join(''),
      toolCalls: calls.map((call) => ({ name: String(at(call, 'name')), input: at(call, 'args') ?? null })),
      finish:
        strings(events, 'candidates.0.finishReason')[0] ??
        strings(events, 'promptFeedback.blockReason')[0] ??
        null,
      usage: usage
        ? { input: Number(at(usage, 'promptTokenCount')), output: Number(at(usage, 'candidatesTokenCount')) }
        : null,
    };
  },
};
