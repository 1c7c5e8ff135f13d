import type { Ledger } from '@paceline/gateway';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** An empty ledger, and what gives it up. */
export interface OpenedLedger {
  readonly ledger: Ledger;
  close(): void | Promise<void>;
}

/** What every ledger has to do. Call it in a vitest file, once per ledger. */
export function ledgerConformance(name: string, open: () => OpenedLedger | Promise<OpenedLedger>): void {
  describe(`ledger: ${name}`, () => {
    let opened: OpenedLedger;
    let ledger: Ledger;
    beforeEach(async () => {
      opened = await open();
      ledger = opened.ledger;
    });
    afterEach(() => opened.close());

    const record = (key: string, values: readonly number[]): void => {
      for (const ms of values) ledger.recordLatency(key, ms);
    };

    test('nothing is known of a key without samples', () => {
      record('step:a/b', [10]);
      expect(ledger.latency('step:a')).toBeNull();
    });

    test('a sample is known at once', () => {
      record('a', [10]);
      expect(ledger.latency('a')).toEqual({ samples: 1, p50Ms: 10, p95Ms: 10, p98Ms: 10 });
    });

    test('quantiles are those of the samples, in whatever order they came', () => {
      const hundred = Array.from({ length: 100 }, (_, at) => ((at * 37) % 100) + 1);
      record('a', hundred);
      expect(ledger.latency('a')).toEqual({ samples: 100, p50Ms: 50, p95Ms: 95, p98Ms: 98 });
    });

    test('keys know nothing of each other', () => {
      record('a', [10, 10]);
      record('b', [20]);
      expect(ledger.latency('a')).toMatchObject({ samples: 2, p50Ms: 10 });
      expect(ledger.latency('b')).toMatchObject({ samples: 1, p50Ms: 20 });
    });

    test('what was long ago is forgotten: the last 512 samples count', () => {
      record(
        'a',
        Array.from({ length: 512 }, () => 1_000),
      );
      record(
        'a',
        Array.from({ length: 512 }, () => 10),
      );
      expect(ledger.latency('a')).toEqual({ samples: 512, p50Ms: 10, p95Ms: 10, p98Ms: 10 });
    });

    test('a key may be any text', () => {
      for (const key of ['', '__proto__', 'first-chunk<256:openai/ü "quoted"', 'x'.repeat(1_000)]) {
        record(key, [7]);
        expect(ledger.latency(key)).toMatchObject({ samples: 1, p50Ms: 7 });
      }
    });

    test('no time at all is a time', () => {
      record('a', [0]);
      expect(ledger.latency('a')).toMatchObject({ samples: 1, p50Ms: 0 });
    });
  });
}
