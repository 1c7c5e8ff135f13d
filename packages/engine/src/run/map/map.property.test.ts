import { createVirtualClock } from '@paceline/resilience/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../../define/child.ts';
import { map } from '../../define/map.ts';
import type { MapFailure } from '../../define/step.ts';
import { code } from '../../define/steps.ts';
import { createEngine } from '../../engine.ts';
import { memoryJournal } from '../../journal/memory-store.ts';
import { dying } from '../../test-support/dying.ts';
import { scriptedGateway } from '../../test-support/gateway.ts';
import { flow } from '../../test-support/nested.ts';

const Item = z.object({ n: z.number(), ms: z.number(), fails: z.boolean() });

const items = fc.array(
  fc.record({ n: fc.nat(99), ms: fc.integer({ min: 0, max: 20 }), fails: fc.boolean() }),
  { maxLength: 12 },
);
const failure = fc.oneof(
  fc.constantFrom<MapFailure>('fail', 'collect'),
  fc.record({ atLeast: fc.integer({ min: 1, max: 6 }) }),
);
const crashes = fc.array(
  fc.record({
    at: fc.integer({ min: 1, max: 15 }),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
  { maxLength: 4 },
);

test('whatever fails, however often the process dies: no item that ended is done again, and the output is the one of the policy', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        items,
        failure,
        crashes,
        concurrency: fc.integer({ min: 1, max: 5 }),
        nested: fc.boolean(),
      }),
      async ({ items: list, failure: policy, crashes: deaths, concurrency, nested }) => {
        const clock = createVirtualClock();
        const journal = memoryJournal();
        const begun: number[] = [];
        const repeated: number[] = [];
        const ended = new Set<number>();
        const inner = code({
          input: Item.extend({ index: z.number() }),
          output: z.number(),
          effect: 'idempotent',
          run: async ({ input: { index, n, ms, fails } }) => {
            begun.push(index);
            if (ended.has(index)) repeated.push(index);
            await new Promise<void>((resolve) => void clock.setTimer(ms, resolve));
            if (fails) throw new Error('as it should');
            return 2 * n;
          },
        });
        const step = nested ? child(flow('inner', inner, { failing: 'failed' })) : inner;
        const workflow = flow('flow', map(step, { concurrency, failure: policy }));
        const input = list.map((item, index) => ({ ...item, index }));
        const read = async (): Promise<void> => {
          for await (const { event } of journal.entries('run')) {
            if (event.type === 'step-progress' && event.progress.type === 'item-end')
              ended.add(event.progress.index);
          }
        };
        const engineOn = (store = journal) =>
          createEngine({ gateway: scriptedGateway(), journal: store, clock });

        for (const { at, when } of deaths) {
          const engine = engineOn(dying(journal, at, when));
          if ((await journal.load('run')) === undefined) void engine.start(workflow, input, { runId: 'run' });
          else await engine.recover([workflow]);
          await clock.advance(1_000);
          await read();
        }
        const engine = engineOn();
        if ((await journal.load('run')) === undefined) {
          await clock.run(engine.run(workflow, input, { runId: 'run' }));
        } else {
          const { runs, left } = await engine.recover([workflow]);
          expect(left).toEqual([]);
          await clock.run(Promise.all(runs.map(({ result }) => result)));
        }
        await read();

        expect(repeated).toEqual([]);
        const record = await journal.load('run');
        const good = list.filter(({ fails }) => !fails).length;
        const wanted = policy === 'fail' ? list.length : policy === 'collect' ? 0 : policy.atLeast;
        expect(record?.status).toBe(good >= wanted ? 'succeeded' : 'degraded');
        if (record?.status === 'succeeded') {
          const outputs = record.output as readonly unknown[];
          const expected = list.map(({ n, fails }) =>
            policy === 'fail'
              ? 2 * n
              : fails
                ? expect.objectContaining({ ok: false })
                : { ok: true, output: 2 * n },
          );
          expect(outputs).toEqual(expected);
          expect(new Set(begun).size).toBe(list.length);
        }
        expect(await journal.list({ unfinished: true })).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
