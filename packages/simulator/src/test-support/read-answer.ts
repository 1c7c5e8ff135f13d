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

const READERS: Record<WireFormat, (events: readonly JsonObject[]) => ReadAnswer> = {
  openai(events) {
    const usage = events.map((event) => event['usage']).find(Boolean);
    const name = strings(events, 'choices.0.delta.tool_calls.0.function.name')[0];
    const input = strings(events, 'choices.0.delta.tool_calls.0.function.arguments').join('');
    return {
      text: strings(events, 'choices.0.delta.content').join(''),
      toolCalls: name === undefined ? [] : [{ name, input: JSON.parse(input) as Json }],
      finish: strings(events, 'choices.0.finish_reason')[0] ?? null,
      usage: usage
        ? { input: Number(at(usage, 'prompt_tokens')), output: Number(at(usage, 'completion_tokens')) }
        : null,
    };
  },
  anthropic(events) {
    const name = strings(events, 'content_block.name')[0];
    const input = strings(events, 'delta.partial_json').join('');
    const last = events.find((event) => event['type'] === 'message_delta');
    return {
      text: strings(events, 'delta.text').join(''),
      toolCalls: name === undefined ? [] : [{ name, input: JSON.parse(input) as Json }],
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
