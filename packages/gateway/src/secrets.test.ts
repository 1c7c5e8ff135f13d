import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { secretFinder } from './secrets.ts';

const KEY = 'sk-canary/7+h2"91xq';
const find = secretFinder({ OPENAI_API_KEY: KEY, OTHER: 'another-one' })!;

describe('a secret is found', () => {
  test.each([
    ['as it is', `Bearer ${KEY}.`],
    ['in JSON', JSON.stringify({ header: `Bearer ${KEY}` })],
    ['in JSON in JSON in JSON', JSON.stringify(JSON.stringify([JSON.stringify({ header: KEY })]))],
    ['URL-encoded', `?key=${encodeURIComponent(KEY)}&x=1`],
    ...[0, 1, 2].map((at): [string, string] => [
      `in base64 from byte ${at}`,
      Buffer.from(`${'x'.repeat(at)}${KEY} and more`).toString('base64'),
    ]),
    ['in base64url', Buffer.from(`user:${KEY}`).toString('base64url')],
  ])('%s', (_, text) => {
    expect(find(text)).toBe('OPENAI_API_KEY');
  });

  test('by its own name', () => {
    expect(find('it was another-one')).toBe('OTHER');
    expect(find('it was none')).toBeNull();
    expect(find(KEY.slice(0, -1))).toBeNull();
  });
});

test('whatever stands around it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(find(Buffer.from(before + KEY + after).toString('base64'))).not.toBeNull();
    }),
  );
});

test('a line end at its end does not hide it', () => {
  expect(secretFinder({ KEY: `${KEY}\n` })!(`"Bearer ${KEY}" is no header`)).toBe('KEY');
});

test('there is nothing to look for where nothing is long enough', () => {
  expect(secretFinder({})).toBeUndefined();
  expect(secretFinder({ SHORT: '1234567', EMPTY: '' })).toBeUndefined();
});
