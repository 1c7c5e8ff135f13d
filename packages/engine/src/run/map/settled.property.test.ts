import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unsettled, withSettled } from './settled.ts';

const indices = fc.uniqueArray(fc.integer({ min: 0, max: 40 }));

test('whatever the order in which items end, the ranges hold exactly those', () => {
  fc.assert(
    fc.property(indices, (ended) => {
      let settled = '';
      for (const index of ended) {
        const next = withSettled(settled, index);
        expect(next).not.toBeNull();
        settled = next ?? '';
        expect(withSettled(settled, index)).toBeNull();
      }
      const open = Array.from({ length: 41 }, (_, index) => index).filter((index) => !ended.includes(index));
      expect(unsettled(settled, 41)).toEqual(open);
    }),
  );
});

test('neighbours are one range', () => {
  const settled = [0, 2, 1, 5, 4].reduce((ranges, index) => withSettled(ranges, index) ?? '', '');
  expect(settled).toBe('0-2,4-5');
  expect(unsettled(settled, 8)).toEqual([3, 6, 7]);
  expect(unsettled('', 2)).toEqual([0, 1]);
});
