import { expect, test } from 'vitest';
import { jsonText, printable, shorten } from './text.ts';

/** Escape, the one-byte start of a control sequence, delete, a line separator, and a turn of direction. */
const STEERING = ['\u001B', '\u009B', '\u007F', '\u2028', '\u202E', '\u2066', '\u0000'];

test('nothing that steers a terminal is printed as it is', () => {
  for (const char of STEERING) {
    const code = `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`;
    expect(printable(`a${char}[31mb`)).toBe(`a${code}[31mb`);
    expect(jsonText({ said: `a${char}b` })).not.toContain(char);
  }
});

test('line breaks become spaces, and everything else is left as it is', () => {
  expect(printable('one\r\ntwo\tthree')).toBe('one two three');
  expect(printable('Größe 10 € 🚲 日本')).toBe('Größe 10 € 🚲 日本');
});

test('JSON stays the JSON of the same value', () => {
  const value = { said: `${STEERING.join('')}\n"`, list: [1, null] };
  expect(JSON.parse(jsonText(value))).toEqual(value);
  expect(JSON.parse(jsonText(value, 2))).toEqual(value);
  expect(jsonText(value, 2)).toMatch(/^\{\n {2}"said"/);
  expect(jsonText(undefined)).toBe('null');
});

test('what is cut off leaves an ellipsis, and no half of a character', () => {
  expect(shorten('abcdef', 6)).toBe('abcdef');
  expect(shorten('abcdef', 4)).toBe('abc…');
  expect(shorten('🚲🚲🚲', 3)).toBe('🚲🚲🚲');
  expect(shorten('🚲🚲🚲🚲', 3)).toBe('🚲🚲…');
});
