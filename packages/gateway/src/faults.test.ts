import { FAULTS } from '@paceline/simulator';
import { describe, expect, test } from 'vitest';
import { createWorld, TARGETS, WIRE_NAMES } from './test-support/world.ts';
import type { FaultName, FaultRule } from '@paceline/simulator';
import type { GatewayErrorCode } from './index.ts';

/** What a target that always shows this fault ends in, on every wire; `ok` where the answer is whole all the same. */
const ENDS: Record<FaultName, GatewayErrorCode | 'ok'> = {
  stall: 'PROVIDER_STALLED',
  'stall-silent': 'PROVIDER_STALLED',
  'stall-mid': 'PROVIDER_STALLED',
  slow: 'PROVIDER_STALLED',
  'error-500': 'PROVIDER_ERROR',
  'unavailable-503': 'PROVIDER_OVERLOADED',
  overloaded: 'PROVIDER_OVERLOADED',
  'rate-limit': 'RATE_LIMITED',
  quota: 'QUOTA_EXHAUSTED',
  auth: 'AUTH_REJECTED',
  'model-not-found': 'MODEL_NOT_FOUND',
  'context-too-large': 'CONTEXT_TOO_LARGE',
  'content-filter': 'CONTENT_FILTERED',
  'html-502': 'PROVIDER_ERROR',
  'empty-200': 'PROVIDER_INTERRUPTED',
  reset: 'PROVIDER_UNREACHABLE',
  cut: 'PROVIDER_INTERRUPTED',
  'cut-reset': 'PROVIDER_INTERRUPTED',
  'no-end-marker': 'ok',
  'held-open': 'ok',
  'malformed-event': 'PROVIDER_MALFORMED',
  'error-in-stream': 'PROVIDER_OVERLOADED',
  'invalid-json-answer': 'ok',
  brownout: 'PROVIDER_OVERLOADED',
};

const ruleFor = (fault: FaultName): FaultRule =>
  fault === 'brownout' ? { fault, errorShare: 1 } : { fault };

const names = Object.keys(FAULTS) as readonly FaultName[];

describe.each(WIRE_NAMES)('on the %s wire', (wire) => {
  test.each(names)('%s has its code, and leaves nothing behind', async (fault) => {
    const { gateway, ask, clock, simulator } = createWorld({
      targets: [TARGETS[wire]],
      faults: { [wire]: [ruleFor(fault)] },
    });
    const outcome = await clock.run(
      gateway.generate(ask({ limits: { chunkMs: 1_000 } })).then(
        () => 'ok' as const,
        (error: { code: GatewayErrorCode }) => error.code,
      ),
    );
    expect(outcome).toBe(ENDS[fault]);
    await clock.advance(1_000);
    expect(clock.pendingTimers()).toBe(0);
    expect(simulator.calls.every(({ ended }) => ended !== null)).toBe(true);
  });

  test.each(names.filter((fault) => fault !== 'content-filter'))(
    '%s is survived with another target',
    async (fault) => {
      const other = wire === 'openai' ? TARGETS.anthropic : TARGETS.openai;
      const { generate } = createWorld({
        targets: [TARGETS[wire], other],
        faults: { [wire]: [ruleFor(fault)] },
      });
      const result = await generate();
      expect(result.servedBy).toBe(ENDS[fault] === 'ok' ? TARGETS[wire] : other);
      expect(result.text.length).toBeGreaterThan(10);
    },
  );

  test('pings do not hide a stall', async () => {
    const { failure, clock } = createWorld({
      targets: [TARGETS[wire]],
      faults: { [wire]: [{ fault: 'stall', pingEveryMs: 50 }] },
    });
    const error = await failure({ limits: { firstChunkMs: 700 } });
    expect(error.code).toBe('PROVIDER_STALLED');
    expect(error.attempts[0]?.ms).toBe(700);
    expect(clock.pendingTimers()).toBe(0);
  });
});
