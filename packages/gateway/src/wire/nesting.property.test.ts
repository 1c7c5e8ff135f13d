import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nestedWithin } from './nesting.ts';

const json = fc.jsonValue({ maxDepth: 6, stringUnit: fc.constantFrom('[', '{', ']', '}', '"', '\\', 'a') });

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('counts what JSON nests, whatever its strings and keys look like', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const depth = depthOf(value);
      expect(nestedWithin(depth, text)).toBe(true);
      if (depth > 0) expect(nestedWithin(depth - 1, text)).toBe(false);
    }),
  );
});

test('nothing in front of a text hides its depth', () => {
  const before = fc.string({ unit: fc.constantFrom('[', ']', '}', '"', '\\', 'a'), maxLength: 8 });
  fc.assert(
    fc.property(json, before, (value, hidden) => {
      const depth = depthOf(value);
      fc.pre(depth > 0);
      expect(nestedWithin(depth - 1, `${hidden}\n${JSON.stringify(value)}`)).toBe(false);
    }),
  );
});
