import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../../define/child.ts';
import { map } from '../../define/map.ts';
import type { InnerStep, MapFailure } from '../../define/step.ts';
import { code, execute, tool } from '../../define/steps.ts';
import type { Workflow } from '../../define/workflow.ts';
import { createEngine } from '../../engine.ts';
import { memoryJournal } from '../../journal/memory-store.ts';
import { dying } from '../../test-support/dying.ts';
import { scriptedGateway } from '../../test-support/gateway.ts';
import { flow } from '../../test-support/nested.ts';
import type { RunOutcome } from '../outcome.ts';

const N = z.number();

/** What the items did, in that order. */
type Deeds = string[];

/** Doubles, 100 ms after it began, and fails for 3. */
const doubling = (deeds: Deeds, clock: VirtualClock, effect: 'idempotent' | 'once' = 'idempotent') =>
  code({
    input: N,
    output: N,
    effect,
    run: async ({ input }) => {
      deeds.push(`begin ${input}`);
      await new Promise<void>((resolve) => void clock.setTimer(100 + 10 * input, resolve));
      deeds.push(`end ${input}`);
      if (input === 3) throw new Error('not 3');
      return input * 2;
    },
  });

const once = (deeds: Deeds, clock: VirtualClock) => doubling(deeds, clock, 'once');

const children = (deeds: Deeds, clock: VirtualClock) =>
  child(flow('inner', doubling(deeds, clock), { failing: 'failed' }));

interface Recovered {
  readonly outcome: RunOutcome<unknown> | undefined;
  readonly deeds: Deeds;
  /** Items whose end was recorded by the first process. */
  readonly settledBefore: readonly string[];
  readonly unfinished: number;
}

async function crashAndRecover(
  make: (deeds: Deeds, clock: VirtualClock) => InnerStep,
  { at, when, failure = 'collect' }: { at: number; when: 'before' | 'after'; failure?: MapFailure },
): Promise<Recovered> {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const deeds: Deeds = [];
  const workflow = flow('flow', map(make(deeds, clock), { concurrency: 2, failure })) as unknown as Workflow;
  const start = { gateway: scriptedGateway(), journal: dying(journal, at, when), clock };
  void createEngine(start).start(workflow, [1, 2, 3, 4, 5], { runId: 'run' });
  await clock.advance(2_000);
  const settledBefore: string[] = [];
  for await (const { event } of journal.entries('run')) {
    if (event.type !== 'step-progress' || event.progress.type !== 'item-end') continue;
    settledBefore.push(`begin ${event.progress.index + 1}`);
  }
  const before = deeds.length;
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock, replayCheck: true });
  const { runs } = await engine.recover([workflow]);
  const [outcome] = await clock.run(Promise.all(runs.map(({ result }) => result)));
  const repeated = deeds.slice(before).filter((deed) => settledBefore.includes(deed));
  expect(repeated).toEqual([]);
  const unfinished = (await journal.list({ unfinished: true })).length;
  return { outcome, deeds, settledBefore, unfinished };
}

const DOUBLED = [
  { ok: true, output: 2 },
  { ok: true, output: 4 },
  { ok: false },
  { ok: true, output: 8 },
  { ok: true, output: 10 },
];

describe.each(['before', 'after'] as const)('a process that dies %s its write', (when) => {
  test.each([2, 3, 4, 5, 6, 7])('%i: items that had ended are not done again', async (at) => {
    const { outcome, unfinished } = await crashAndRecover(doubling, { at, when });
    expect(unfinished).toBe(0);
    if (at === 7 && when === 'after') return void expect(outcome).toBeUndefined();
    expect(outcome).toMatchObject({ status: 'succeeded', output: DOUBLED });
  });

  test.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('%i: what takes effect once is begun once', async (at) => {
    const { outcome, deeds } = await crashAndRecover(once, { at, when });
    const begun = deeds.filter((deed) => deed.startsWith('begin'));
    expect(new Set(begun).size).toBe(begun.length);
    if (outcome === undefined) return void expect([at, when]).toEqual([12, 'after']);
    // Whoever is not known to have ended is in doubt; all others are done.
    const results = (outcome.ok ? outcome.output : []) as { ok: boolean; failure?: { code: string } }[];
    expect(results.map(({ ok, failure }) => ok || failure?.code === 'UNCERTAIN')).toEqual(
      results.map(({ failure }) => failure?.code !== 'STEP_FAILED'),
    );
  });

  test.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18])('%i: children of items are found again', async (at) => {
    const { outcome, unfinished } = await crashAndRecover(children, { at, when });
    expect(unfinished).toBe(0);
    if (outcome !== undefined) expect(outcome).toMatchObject({ status: 'succeeded', output: DOUBLED });
  });

  test.each([6, 8, 10, 12, 13, 14, 15, 16, 17])('%i: no child outlives a failed item', async (at) => {
    const { outcome, unfinished } = await crashAndRecover(children, { at, when, failure: 'fail' });
    expect(unfinished).toBe(0);
    if (outcome !== undefined) {
      expect(outcome).toMatchObject({
        status: 'degraded',
        output: { code: 'STEP_FAILED', message: 'Item 2: Child run run.step.1.2: not 3' },
      });
    }
  });
});

test('an item goes on from its recorded turns and tools', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const looks: string[] = [];
  const look = tool({
    description: 'Looks',
    input: z.object({}),
    effect: 'pure',
    run: () => looks.push('look'),
  });
  const act = execute({ input: N, output: z.object({ n: N }), tools: { look }, prompt: () => 'Do it.' });
  const workflow = flow('flow', map(act, { concurrency: 1 }));
  const call = { text: '', toolCalls: [{ id: 'c1', name: 'look', input: {} }] };
  // It dies after the tool's end is recorded.
  const gone = { gateway: scriptedGateway(call, '{"n":1}'), journal: dying(journal, 4, 'after'), clock };
  void createEngine(gone).start(workflow, [1], { runId: 'run' });
  await clock.advance(100);
  const gateway = scriptedGateway('{"n":2}');
  const { runs } = await createEngine({ gateway, journal, clock }).recover([workflow]);
  const outcome = await clock.run(runs[0]!.result);
  expect(outcome).toMatchObject({ output: [{ n: 2 }], spend: { calls: 2 } });
  expect(looks).toHaveLength(1);
  expect(gateway.requests).toHaveLength(1);
});
