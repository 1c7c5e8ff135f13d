import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAdaptiveLimit } from './adaptive-limit.ts';
import { createVirtualClock } from './virtual-clock.ts';

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refused' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ok' as const),
      firstChunkMs: fc.option(fc.double({ min: 0, max: 100_000, noNaN: true })),
      inFlight: fc.nat({ max: 100 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('ramp' as const), overMs: fc.integer({ min: 1, max: 20_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 400, 1_000, 7_000) }),
  },
);

test('always whole and within its bounds, cut at most once a second, and back at the most after quiet work', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 150, size: 'max' }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 10, max: 64 }),
      async (steps, min, max) => {
        const clock = createVirtualClock();
        const adaptive = createAdaptiveLimit({ clock, min, max });
        let cutAtMs = -Infinity;
        for (const next of steps) {
          const before = adaptive.limit;
          if (next.do === 'refused') adaptive.onRateLimited();
          if (next.do === 'ok') adaptive.onOk(next);
          if (next.do === 'ramp') adaptive.ramp(next.overMs);
          if (next.do === 'wait') await clock.advance(next.ms);
          const { limit } = adaptive;
          expect(Number.isInteger(limit) && limit >= min && limit <= max).toBe(true);
          if (next.do === 'refused' && limit < before) {
            expect(clock.nowMs() - cutAtMs).toBeGreaterThanOrEqual(1_000);
            expect(limit).toBeGreaterThanOrEqual(Math.floor(before * 0.7) - 1);
            cutAtMs = clock.nowMs();
          }
        }

        await clock.advance(20_000);
        for (let second = 0; second <= max; second++) {
          for (let answer = 0; answer < 10; answer++) adaptive.onOk({ firstChunkMs: 1, inFlight: max });
          await clock.advance(1_000);
        }
        expect(adaptive.limit).toBe(max);
      },
    ),
  );
});
