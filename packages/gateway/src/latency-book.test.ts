import { expect, test } from 'vitest';
import { createLatencyBook, sizeClass } from './latency-book.ts';
import { memoryLedger } from './memory-ledger.ts';

const times = { promptTokens: 100, firstChunkMs: 200, restMs: 1_000, outputTokens: 100 };

test('prompts fall into classes by powers of four', () => {
  expect([0, 255, 256, 1_023, 1_024, 5_000, 1_000_000].map(sizeClass)).toEqual([
    256, 256, 1_024, 1_024, 4_096, 16_384, 1_048_576,
  ]);
});

test('a size of which little is known is judged by all prompts of the target', () => {
  const book = createLatencyBook(memoryLedger());
  for (let call = 0; call < 100; call++) book.record('a/1', times);
  for (let call = 0; call < 49; call++)
    book.record('a/1', { ...times, promptTokens: 9_000, firstChunkMs: 900 });
  expect(book.firstChunk('a/1', 9_000)).toMatchObject({ samples: 149, p50Ms: 200 });
  book.record('a/1', { ...times, promptTokens: 9_000, firstChunkMs: 900 });
  expect(book.firstChunk('a/1', 9_000)).toMatchObject({ samples: 50, p50Ms: 900 });
  expect(book.firstChunk('a/1', 100)).toMatchObject({ samples: 100, p50Ms: 200 });
  expect(book.firstChunk('b/2', 100)).toBeNull();
});

test('the speed of writing is learned from answers long enough to tell', () => {
  const book = createLatencyBook(memoryLedger());
  book.record('a/1', { ...times, outputTokens: 15 });
  book.record('a/1', { ...times, restMs: 0 });
  expect(book.tokensPerSecond('a/1')).toBeNull();
  book.record('a/1', times);
  expect(book.tokensPerSecond('a/1')).toBe(100);
});

test('each route has its usual length of answer', () => {
  const book = createLatencyBook(memoryLedger());
  expect(book.usualLength('classify')).toBe(256);
  for (const tokens of [8, 9, 400]) book.recordLength('classify', tokens);
  expect(book.usualLength('classify')).toBe(9);
  expect(book.usualLength('reason')).toBe(256);
});
