import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Anchor, FORGOTTEN, INBOX } from './anchor.ts';
import type { Place } from './anchor.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-anchor-'));
  path = join(folder, 'runs.db.anchor');
});
afterEach(() => rmSync(folder, { recursive: true }));

const RECORD_BYTES = 32;
const number = fc.oneof(
  fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, INBOX),
  fc.maxSafeNat().map((n) => n % 2 ** 48),
);
const chain = fc.stringMatching(/^[\w-]{22}$/);
const place = fc.record({ run: number, seq: number, chain });

/** Each note as it would be made after a commit. */
function note(notes: readonly (readonly Place[])[]): void {
  const anchor = new Anchor(path);
  for (const places of notes) anchor.note(places);
  anchor.close();
}

function asRead({ run, seq, chain: text }: Place): Place {
  return { run, seq, chain: text.slice(0, 16).padEnd(16, '\0') };
}

test('the furthest place of each run is read back', () => {
  const notes = fc.array(fc.array(place, { maxLength: 200 }), { maxLength: 4 });
  fc.assert(
    fc.property(notes, (given) => {
      rmSync(path, { force: true });
      note(given);
      const furthest = new Map<number, Place>();
      for (const each of given.flat()) {
        if (each.seq >= (furthest.get(each.run)?.seq ?? 0)) furthest.set(each.run, asRead(each));
      }
      expect(Anchor.read(path)).toEqual(furthest);
    }),
    { numRuns: 200 },
  );
});

test('all places of a large commit are noted, and of a small one after it', () => {
  const places = Array.from({ length: 1_000 }, (_, run) => ({ run, seq: run + 1, chain: 'c'.repeat(22) }));
  note([places, [{ run: 0, seq: 2, chain: 'd'.repeat(22) }]]);
  expect(readFileSync(path).length).toBe(1_001 * RECORD_BYTES);
  const furthest = Anchor.read(path);
  expect(furthest.get(999)).toEqual(asRead(places[999]!));
  expect(furthest.get(0)?.seq).toBe(2);
});

test('a run that was forgotten is beyond any place, and leaves nothing of the place before it', () => {
  note([[{ run: 7, seq: 3, chain: 'a'.repeat(22) }], [{ run: 7, seq: FORGOTTEN, chain: '' }]]);
  expect(Anchor.read(path)).toEqual(new Map([[7, asRead({ run: 7, seq: FORGOTTEN, chain: '' })]]));
});

test('a record of which one byte was changed is no evidence, and the others are', () => {
  const places = [1, 2, 3].map((run) => ({ run, seq: 5, chain: `${run}`.repeat(22) }));
  note([places]);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    for (const change of [1, 0x80, 0xff]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (whole[at] as number) ^ change;
      writeFileSync(path, damaged);
      const left = [1, 2, 3].filter((run) => run !== Math.floor(at / RECORD_BYTES) + 1);
      expect([...Anchor.read(path).keys()]).toEqual(left);
    }
  }
});

test('zeros, and what is not there, are no evidence', () => {
  expect(Anchor.read(path)).toEqual(new Map());
  writeFileSync(path, Buffer.alloc(10 * RECORD_BYTES));
  expect(Anchor.read(path)).toEqual(new Map());
});

test('half a record at the end is cut off before the next', () => {
  note([[{ run: 1, seq: 1, chain: 'a'.repeat(22) }]]);
  appendFileSync(path, 'torn');
  note([[{ run: 2, seq: 1, chain: 'b'.repeat(22) }]]);
  expect([...Anchor.read(path).keys()]).toEqual([1, 2]);
});

test('what cannot be noted brings nothing down', () => {
  const anchor = new Anchor(path);
  anchor.close();
  // Its descriptor is no more: neither a write nor a cut is possible.
  expect(() => anchor.note([{ run: 1, seq: 1, chain: 'a'.repeat(22) }])).not.toThrow();
  expect(Anchor.read(path)).toEqual(new Map());
});
