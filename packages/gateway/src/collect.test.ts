import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { collect, nothingCollected } from './collect.ts';

/** How often content was seen in a stream of these parts. */
async function contentIn(...parts: readonly LanguageModelV4StreamPart[]): Promise<number> {
  let seen = 0;
  const stream = new ReadableStream<LanguageModelV4StreamPart>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
  const { signal } = new AbortController();
  await collect(stream, nothingCollected(), { signal, onContent: () => seen++ });
  return seen;
}

test('text, reasoning and tool input are progress', async () => {
  expect(
    await contentIn(
      { type: 'reasoning-delta', id: '1', delta: 'hm' },
      { type: 'text-delta', id: '2', delta: 'a' },
      { type: 'tool-input-delta', id: '3', delta: '{' },
      { type: 'tool-call', toolCallId: '3', toolName: 'look', input: '{}' },
    ),
  ).toBe(4);
});

test('empty deltas and metadata are not: a provider may send them while nothing happens', async () => {
  expect(
    await contentIn(
      { type: 'stream-start', warnings: [] },
      { type: 'response-metadata', id: 'x' },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: '' },
      { type: 'reasoning-delta', id: '2', delta: '' },
      { type: 'tool-input-delta', id: '3', delta: '' },
    ),
  ).toBe(0);
});
