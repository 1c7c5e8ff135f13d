import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { createParking } from './parking.ts';
import { verdictOf } from './verdict.ts';
import type { Parking } from './parking.ts';

const told = (parking: Parking, code: Parameters<typeof verdictOf>[0], hintMs: number | null = null) =>
  parking.onEnd({ verdict: verdictOf(code, hintMs), status: code === 'AUTH_REJECTED' ? 401 : 429 });
const answered = (parking: Parking) => parking.onEnd({ verdict: null, status: 200 });

describe('one key of several', () => {
  test('is parked for each of the three that are about the credential, and for nothing else', () => {
    const codes = [
      'RATE_LIMITED',
      'QUOTA_EXHAUSTED',
      'AUTH_REJECTED',
      'MODEL_NOT_FOUND',
      'PROVIDER_ERROR',
    ] as const;
    const parked = codes.map((code) => {
      const parking = createParking(createVirtualClock(), true);
      return [told(parking, code), parking.now?.forMs ?? null];
    });
    expect(parked).toEqual([
      [true, 1_000],
      [true, 60_000],
      [true, 60_000],
      [false, null],
      [false, null],
    ]);
  });

  test('403 may be meant for the request, 451 for the place: neither is the key', () => {
    const parking = createParking(createVirtualClock(), true);
    const verdict = verdictOf('AUTH_REJECTED');
    expect(parking.onEnd({ verdict, status: 403 })).toBe(false);
    expect(parking.onEnd({ verdict: { ...verdict, remedy: 'other-target' }, status: 401 })).toBe(false);
  });

  test('an answer begins the doubling anew', async () => {
    const clock = createVirtualClock();
    const parking = createParking(clock, true);
    const waits: number[] = [];
    for (const ended of ['told', 'told', 'answered', 'told'] as const) {
      if (ended === 'answered') answered(parking);
      else {
        told(parking, 'QUOTA_EXHAUSTED');
        waits.push(parking.now!.forMs);
        await clock.advance(parking.now!.forMs);
      }
    }
    expect(waits).toEqual([60_000, 120_000, 60_000]);
  });

  test('attempts that were under way when it was parked neither free it nor double its time', () => {
    const parking = createParking(createVirtualClock(), true);
    told(parking, 'QUOTA_EXHAUSTED');
    for (let each = 0; each < 5; each++) told(parking, 'QUOTA_EXHAUSTED');
    answered(parking);
    expect(parking.now).toEqual({ code: 'QUOTA_EXHAUSTED', forMs: 60_000 });
  });

  test('of two times the longer one holds, and says why', () => {
    const parking = createParking(createVirtualClock(), true);
    told(parking, 'QUOTA_EXHAUSTED', 600_000);
    told(parking, 'RATE_LIMITED', 2_000);
    expect(parking.now).toEqual({ code: 'QUOTA_EXHAUSTED', forMs: 600_000 });
    told(parking, 'RATE_LIMITED', 700_000);
    expect(parking.now).toEqual({ code: 'RATE_LIMITED', forMs: 700_000 });
  });

  test('no provider’s word holds for longer than a day', () => {
    const parking = createParking(createVirtualClock(), true);
    told(parking, 'QUOTA_EXHAUSTED', 30 * 86_400_000);
    expect(parking.now?.forMs).toBe(86_400_000);
  });
});

test('a single key is parked for a rate limit that lasts, and for nothing else', () => {
  const parking = createParking(createVirtualClock(), false);
  for (const code of ['RATE_LIMITED', 'QUOTA_EXHAUSTED', 'AUTH_REJECTED'] as const)
    expect(told(parking, code)).toBe(false);
  expect(told(parking, 'QUOTA_EXHAUSTED', 90_000)).toBe(false);
  expect(told(parking, 'RATE_LIMITED', 60_000)).toBe(false);
  const lasting = { ...verdictOf('RATE_LIMITED', 90_000), asideMs: 90_000 };
  expect(parking.onEnd({ verdict: lasting, status: 429 })).toBe(true);
  expect(parking.now).toEqual({ code: 'RATE_LIMITED', forMs: 90_000 });
});
