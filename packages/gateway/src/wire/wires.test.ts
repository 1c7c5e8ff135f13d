import { describe, expect, test } from 'vitest';
import { eventData, WIRES } from './wires.ts';
import type { EventSign } from './wires.ts';
import type { WireFormat } from '../config.ts';

/** What the events of a raw stream say, as the tap looks at them. */
function signs(wire: WireFormat, raw: string): readonly EventSign[] {
  if (!WIRES[wire].telling.test(raw)) return [];
  return eventData(raw)
    .map((data) => WIRES[wire].read(data))
    .filter((sign) => Object.keys(sign).length > 0);
}

const event = (data: unknown) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const chunk = (finish_reason: unknown, content = '') =>
  event({ choices: [{ delta: { content }, finish_reason }] });

describe('openai', () => {
  test('the stop reason, then the end marker', () => {
    expect(signs('openai', chunk('stop') + event('[DONE]'))).toEqual([{ stopReason: 'stop' }, { end: true }]);
  });

  test('no stop reason yet says nothing', () => {
    expect(signs('openai', chunk(null, 'Hello'))).toEqual([]);
    expect(signs('openai', chunk('', 'Hello'))).toEqual([]);
  });

  test('text that talks like the wire says nothing', () => {
    expect(signs('openai', chunk(null, '"finish_reason":"stop"'))).toEqual([]);
    expect(signs('openai', chunk(null, '[DONE] "error":{}'))).toEqual([]);
  });

  test('an error, whatever follows it', () => {
    const data = { error: { message: 'Overloaded', code: 502 } };
    expect(signs('openai', event(data))).toEqual([{ error: data }]);
    expect(signs('openai', event({ error: null, choices: [] }))).toEqual([]);
  });
});

describe('usage', () => {
  test('stands on its own at the end of an OpenAI stream, with the tier that served it', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, prompt_tokens_details: null };
    expect(signs('openai', event({ choices: [], usage: null }))).toEqual([]);
    expect(signs('openai', event({ choices: [], service_tier: 'flex', usage }))).toEqual([
      { usage: { service_tier: 'flex', prompt_tokens: 3, completion_tokens: 2 } },
    ]);
  });

  test('is said twice by Anthropic: of the prompt at the start, of the answer at the end', () => {
    const start = { input_tokens: 7, output_tokens: 1, service_tier: 'standard' };
    const text =
      event({ type: 'message_start', message: { stop_reason: null, usage: start } }) +
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } });
    expect(signs('anthropic', text)).toEqual([
      { usage: start },
      { stopReason: 'end_turn', usage: { output_tokens: 3 } },
    ]);
  });

  test('comes with the last event of a Gemini stream', () => {
    const usageMetadata = { promptTokenCount: 3, candidatesTokenCount: 2 };
    expect(signs('google', event({ candidates: [{ finishReason: 'STOP' }], usageMetadata }))).toEqual([
      { stopReason: 'STOP', usage: usageMetadata },
    ]);
  });
});

describe('anthropic', () => {
  const stop = event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn' },
    usage: { output_tokens: 3 },
  });

  test('the stop reason, then the end marker', () => {
    expect(signs('anthropic', stop + event({ type: 'message_stop' }))).toEqual([
      { stopReason: 'end_turn', usage: { output_tokens: 3 } },
      { end: true },
    ]);
  });

  test('the start of a message has none', () => {
    expect(signs('anthropic', event({ type: 'message_start', message: { stop_reason: null } }))).toEqual([]);
  });

  test('an error', () => {
    const data = { type: 'error', error: { type: 'overloaded_error' } };
    expect(signs('anthropic', event(data))).toEqual([{ error: data }]);
  });

  test('what closes a stream for it reads as its end marker', () => {
    expect(signs('anthropic', Buffer.from(WIRES.anthropic.closing!).toString())).toEqual([{ end: true }]);
  });
});

describe('google', () => {
  test('the stop reason', () => {
    expect(signs('google', event({ candidates: [{ finishReason: 'STOP' }] }))).toEqual([
      { stopReason: 'STOP' },
    ]);
  });

  test('a blocked prompt has its own', () => {
    expect(signs('google', event({ promptFeedback: { blockReason: 'SAFETY' } }))).toEqual([
      { stopReason: 'SAFETY' },
    ]);
  });

  test('arguments of a tool that look like one do not count', () => {
    const args = { finishReason: 'STOP' };
    expect(
      signs('google', event({ candidates: [{ content: { parts: [{ functionCall: { args } }] } }] })),
    ).toEqual([]);
  });

  test('a part to be continued is no end', () => {
    expect(signs('google', event({ candidates: [{ finishReason: 'CONTINUATION' }] }))).toEqual([]);
  });

  test('an error', () => {
    const data = { error: { code: 503, status: 'UNAVAILABLE' } };
    expect(signs('google', event(data))).toEqual([{ error: data }]);
  });
});
