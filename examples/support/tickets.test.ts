import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface TicketRow {
  readonly id: string;
  readonly text: string;
  readonly customer?: string;
  readonly orderId?: string;
}

const tickets = readFileSync(new URL('tickets.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as TicketRow);

test('there are enough tickets, no two alike', () => {
  expect(tickets.length).toBeGreaterThanOrEqual(140);
  expect(new Set(tickets.map(({ id }) => id)).size).toBe(tickets.length);
  expect(new Set(tickets.map(({ text }) => text)).size).toBe(tickets.length);
});

test('empty and huge ones, several scripts, markup and injections are among them', () => {
  const some = (pattern: RegExp) => tickets.filter(({ text }) => pattern.test(text)).length;
  expect(tickets.filter(({ text }) => text.trim() === '').length).toBeGreaterThanOrEqual(2);
  expect(Math.max(...tickets.map(({ text }) => text.length))).toBeGreaterThan(50_000);
  expect(some(/[ぁ-ん]/)).toBeGreaterThanOrEqual(3);
  for (const script of ['Han', 'Hangul', 'Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Devanagari', 'Thai']) {
    expect(some(new RegExp(`\\p{Script=${script}}`, 'u')), script).toBeGreaterThanOrEqual(1);
  }
  expect(some(/<html>/)).toBe(1);
  expect(some(/ignore all previous instructions/i)).toBeGreaterThanOrEqual(1);
});
