import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import type { JournalStore } from '../journal/store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { asWorkflow } from '../test-support/workflows.ts';
import { assign } from '../xstate/actions.ts';
import type { ForkOptions } from './fork-run.ts';
import { checkReplay } from './replay.ts';

const Order = z.object({ item: z.string(), notes: z.array(z.object({ text: z.string() })) });

/** Plans for 1 s, waits 5 s (until entry 3), then sends for 1 s, which takes effect once. */
function orders(deeds: string[], clock: VirtualClock, id = 'orders') {
  const step = (name: string) =>
    code({
      input: z.object({ item: z.string() }),
      output: z.object({ item: z.string() }),
      effect: 'once',
      run: async ({ input, idempotencyKey }) => {
        deeds.push(`${name} ${input.item} ${idempotencyKey.slice(0, 8)}`);
        await new Promise<void>((resolve) => void clock.setTimer(1_000, resolve));
        return { item: `${input.item}!` };
      },
    });
  return setupWorkflow({
    id,
    input: z.object({ item: z.string() }),
    output: z.object({ item: z.string() }),
    context: Order,
    budget: { totalMs: 20_000 },
    steps: { plan: step('plan'), send: step('send') },
  }).createMachine({
    context: ({ input }) => ({ item: input.item, notes: [{ text: 'first' }] }),
    output: ({ context }) => ({ item: context.item }),
    initial: 'planning',
    states: {
      planning: {
        invoke: {
          id: 'plan',
          src: 'plan',
          input: ({ context }) => ({ item: context.item }),
          onDone: { target: 'resting', actions: assign({ item: ({ event }) => event.output.item }) },
          onError: 'failed',
        },
      },
      resting: { after: { 5_000: 'sending' } },
      sending: {
        invoke: {
          id: 'send',
          src: 'send',
          input: ({ context }) => ({ item: context.item }),
          onDone: { target: 'done', actions: assign({ item: ({ event }) => event.output.item }) },
          onError: 'failed',
        },
      },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['degraded'] },
    },
  });
}

const AFTER_PLAN = 2;
const WHILE_SENDING = 3;

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const STORES: Readonly<Record<string, (clock: VirtualClock) => JournalStore>> = {
  memory: () => memoryJournal(),
  SQLite: (clock) => {
    const folder = mkdtempSync(join(tmpdir(), 'paceline-fork-'));
    const journal = sqliteJournal({ path: join(folder, 'runs.db'), clock });
    cleanups.push(
      () => rmSync(folder, { recursive: true }),
      () => journal.close(),
    );
    return journal;
  },
};

/** A run of an order, worked on for `ms`. */
async function world({ store = 'memory', ms = 60_000 } = {}) {
  const clock = createVirtualClock();
  const journal = STORES[store]!(clock);
  const deeds: string[] = [];
  const workflow = orders(deeds, clock);
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock, replayCheck: true });
  const source = engine.start(
    workflow,
    { item: 'pen' },
    { runId: 'source', labels: { team: 'cx' }, tenant: 't' },
  );
  await clock.advance(ms);
  const before = await journal.load('source');
  const fork = (options: ForkOptions) => clock.run(engine.fork(workflow, 'source', options));
  return { clock, journal, deeds, workflow, engine, source, before, fork };
}

describe.each(Object.keys(STORES))('in %s', (store) => {
  test('a fork goes on from the point, with what was set, and leaves its source alone', async () => {
    const { clock, journal, deeds, fork, before } = await world({ store });
    const handle = await fork({
      atSeq: AFTER_PLAN,
      set: { 'context.item': 'cup', 'context.notes.0.text': 'x' },
      runId: 'fork',
    });
    const startedMs = clock.nowMs();
    const outcome = await clock.run(handle.result);
    expect(outcome).toMatchObject({ runId: 'fork', ok: true, output: { item: 'cup!' } });
    // The step before the point does not run again; the wait has what was left of it.
    expect(deeds.map((deed) => deed.split(' ').slice(0, 2).join(' '))).toEqual([
      'plan pen',
      'send pen!',
      'send cup',
    ]);
    expect(clock.nowMs() - startedMs).toBe(6_000);
    expect(await journal.load('source')).toEqual(before);
    expect(await journal.load('fork')).toMatchObject({
      forkedFrom: { runId: 'source', seq: AFTER_PLAN },
      labels: { team: 'cx' },
      caller: { tenant: 't' },
      snapshot: { context: { notes: [{ text: 'x' }] } },
      outputs: { plan: { item: 'pen!' }, send: { item: 'cup!' } },
      expiresEpochMs: before!.startedEpochMs + 60_000 + 20_000,
    });
  });

  test('a fork survives its process as any run does', async () => {
    const { clock, journal, workflow, engine, fork } = await world({ store });
    const handle = await fork({ atSeq: AFTER_PLAN, runId: 'fork' });
    handle.result.catch(() => {});
    await clock.advance(1_000);
    await clock.run(engine.close({ unfinished: 'leave' }));
    const next = createEngine({ gateway: scriptedGateway(), journal, clock });
    const { runs } = await clock.run(next.recover([asWorkflow(workflow)]));
    const [outcome] = await clock.run(Promise.all(runs.map(({ result }) => result)));
    expect(outcome).toMatchObject({ runId: 'fork', ok: true, output: { item: 'pen!!' } });
    await checkReplay(asWorkflow(workflow), journal, (await journal.load('fork'))!);
  });
});

test('a step in flight at the point begins anew, under a key of its own, with the changed input', async () => {
  const { clock, deeds, journal, fork } = await world();
  const same = await fork({ atSeq: WHILE_SENDING, runId: 'same' });
  expect((await journal.load('same'))?.pending['send']?.token).toBe('same/1/send/1');
  const other = await fork({ atSeq: WHILE_SENDING, set: { 'context.item': 'cup' } });
  await clock.run(Promise.all([same.result, other.result]));
  const [, source, again, changed] = deeds.map((deed) => deed.split(' '));
  expect(again?.slice(0, 2)).toEqual(['send', 'pen!']);
  expect(changed?.slice(0, 2)).toEqual(['send', 'cup']);
  expect(new Set([source?.[2], again?.[2], changed?.[2]]).size).toBe(3);
});

test('an unfinished run is forked while it goes on', async () => {
  const { clock, source, fork } = await world({ ms: 3_000 });
  const handle = await fork({ atSeq: AFTER_PLAN });
  const outcomes = await clock.run(Promise.all([handle.result, source.result]));
  expect(outcomes).toMatchObject([{ ok: true, output: { item: 'pen!!' } }, { ok: true }]);
  // The source has waited for 2 s longer than its fork was to wait.
  expect(clock.nowMs()).toBe(3_000 + 6_000);
});

test('a fork of a fork knows the one it came from', async () => {
  const { clock, engine, workflow, journal, fork } = await world();
  const first = await fork({ atSeq: AFTER_PLAN, runId: 'first', set: { 'context.item': 'cup' } });
  await clock.run(first.result);
  const second = await clock.run(engine.fork(workflow, 'first', { atSeq: 1, runId: 'second' }));
  expect(await clock.run(second.result)).toMatchObject({ output: { item: 'cup!' } });
  expect((await journal.load('second'))?.forkedFrom).toEqual({ runId: 'first', seq: 1 });
});

describe('is refused', () => {
  test.each<[string, ForkOptions, string]>([
    ['an entry before the first', { atSeq: 0 }, 'entries 1 to 4, not 0'],
    ['an entry after the last', { atSeq: 5 }, 'entries 1 to 4, not 5'],
    ['half an entry', { atSeq: 1.5 }, 'not 1.5'],
    ['an entry by which the run had ended', { atSeq: 4 }, 'had ended by entry 4'],
    [
      'a path outside the context',
      { atSeq: 1, set: { 'input.item': 'x' } },
      '`input.item` is no path in the context',
    ],
    [
      'a path through nothing',
      { atSeq: 1, set: { 'context.plan.item': 'x' } },
      '`context.plan.item` cannot be set: there is no `plan`',
    ],
    [
      'a path through a text',
      { atSeq: 1, set: { 'context.item.name': 'x' } },
      'there is nothing in which `name` could be',
    ],
    ['an item that is not there', { atSeq: 1, set: { 'context.notes.1.text': 'x' } }, 'there is no item 1'],
    [
      'a value that does not fit',
      { atSeq: 1, set: { 'context.item': 5 } },
      'with `context.item` the context would not fit: item: expected string',
    ],
    [
      'a value that JSON cannot hold',
      { atSeq: 1, set: { 'context.item': new Map() } },
      '`context.item` cannot be set: the value is a Map',
    ],
  ])('%s', async (_, options, message) => {
    const { fork, journal } = await world();
    const refused = await fork({ ...options, runId: 'fork' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'FORK_INVALID' });
    expect((refused as Error).message).toContain(message);
    expect(await journal.load('fork')).toBeUndefined();
  });

  test('a run that nobody knows, another workflow, another definition', async () => {
    const { clock, engine, workflow } = await world();
    const fork = (other: typeof workflow, runId: string) =>
      clock.run(engine.fork(other, runId, { atSeq: 1 }).catch((error: unknown) => error));
    expect(await fork(workflow, 'nobody')).toMatchObject({ code: 'RUN_UNKNOWN' });
    expect(await fork(orders([], clock, 'others'), 'source')).toMatchObject({ code: 'FORK_INVALID' });
    const changed = setupWorkflow({
      id: 'orders',
      input: z.object({ item: z.string() }),
      output: z.object({ item: z.string() }),
      context: Order,
      budget: { totalMs: 20_000 },
      steps: { plan: code({ input: Order, output: Order, effect: 'pure', run: ({ input }) => input }) },
    }).createMachine({
      context: ({ input }) => ({ item: input.item, notes: [] }),
      output: ({ context }) => ({ item: context.item }),
      initial: 'planning',
      states: {
        planning: {
          invoke: {
            id: 'plan',
            src: 'plan',
            input: ({ context }) => context,
            onDone: 'done',
            onError: 'done',
          },
        },
        done: { type: 'final' },
      },
    });
    const refused = await fork(changed as unknown as typeof workflow, 'source');
    expect(refused).toMatchObject({ code: 'WORKFLOW_CHANGED' });
    expect((refused as Error).message).toContain('state `resting` is gone');
  });
});
