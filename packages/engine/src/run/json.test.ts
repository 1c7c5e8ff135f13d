import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toJson } from './json.ts';

test('plain JSON is given back as the same object', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // -0 is the one number JSON changes; it is kept in memory and nobody can tell.
      expect(toJson(value)).toBe(value);
    }),
  );
});

test('undefined is what JSON makes of it: gone from objects, null elsewhere', () => {
  const value = { a: undefined, b: [1, undefined, { c: undefined, d: 2 }], e: 'x' };
  expect(toJson(value)).toStrictEqual(JSON.parse(JSON.stringify(value)));
  expect(toJson(undefined)).toBeNull();
});

test('a copy keeps keys that an assignment would lose', () => {
  const value = JSON.parse('{"__proto__":{"x":1},"gone":0,"toJSON":"y"}');
  value.gone = undefined;
  expect(JSON.stringify(toJson(value))).toBe('{"__proto__":{"x":1},"toJSON":"y"}');
});

test('a copy takes time in proportion to the value, however deep the change is', () => {
  // Walking a changed child twice at each of 60 levels would take for ever.
  let value: unknown = { gone: undefined };
  for (let depth = 0; depth < 60; depth++) value = { inner: value, depth };
  expect(JSON.stringify(toJson(value))).toContain('{}');
});

test.each([
  ['a URL', { at: new URL('http://x.test') }, '`at` is a URL'],
  ['a Map in a list', { list: [1, new Map()] }, '`list[1]` is a Map'],
  ['a function', { run: () => 1 }, '`run` is a function'],
  ['a bigint', { a: { b: 1n } }, '`a.b` is a bigint'],
  ['NaN', [Number.NaN], '`[0]` is NaN'],
  ['a symbol', Symbol('x'), 'the value is a symbol'],
])('%s is refused with its place', (_, value, message) => {
  expect(() => toJson(value)).toThrow(message);
});
