import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { createDenials } from './denials.ts';
import { judgeAnswer } from './judge.ts';
import { verdictOf } from './verdict.ts';

const spent = (headers: Record<string, string> = {}) =>
  judgeAnswer({
    status: 429,
    headers: new Headers(headers),
    body: { error: { type: 'insufficient_quota', message: 'No.' } },
    epochMs: 0,
  });

test('two refusals of the account in a row put the target aside for its tenant, for as long as the verdict says', async () => {
  const clock = createVirtualClock();
  const denials = createDenials(clock);
  denials.onEnd('acme', verdictOf('AUTH_REJECTED'));
  expect(denials.of('acme')).toBeNull();
  denials.onEnd('acme', verdictOf('AUTH_REJECTED'));
  expect(denials.of('acme')).toEqual({ tenant: 'acme', code: 'AUTH_REJECTED', forMs: 300_000 });
  expect(denials.of('other')).toBeNull();
  await clock.advance(300_000);
  expect(denials.of('acme')).toBeNull();
});

test('a spent quota is respected until it is full again, up to an hour', () => {
  const denials = createDenials(createVirtualClock());
  for (const verdict of [spent(), spent({ 'retry-after': '1800' })]) denials.onEnd('half an hour', verdict);
  expect(denials.of('half an hour')?.forMs).toBe(1_800_000);
  for (const verdict of [spent(), spent({ 'retry-after': '86400' })]) denials.onEnd('a day', verdict);
  expect(denials.of('a day')?.forMs).toBe(3_600_000);
});

test('an answer, or another kind of failure between, is told apart', () => {
  const denials = createDenials(createVirtualClock());
  denials.onEnd('acme', verdictOf('AUTH_REJECTED'));
  denials.onEnd('acme', null);
  denials.onEnd('acme', verdictOf('AUTH_REJECTED'));
  denials.onEnd('acme', verdictOf('PROVIDER_ERROR'));
  expect(denials.list()).toEqual([]);
});
