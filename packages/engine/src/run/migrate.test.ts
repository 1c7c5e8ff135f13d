import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code } from '../define/steps.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { MachinePlace, Migration, Workflow } from '../define/workflow.ts';
import { createEngine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import type { JournalStore } from '../journal/store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { asWorkflow } from '../test-support/workflows.ts';
import { assign } from '../xstate/actions.ts';
import { checkReplay } from './replay.ts';

const N = z.object({ n: z.number() });

interface Seen {
  readonly context: { readonly n: number };
}

/** What began, by step. */
type Deeds = string[];

interface Version {
  readonly version?: string;
  readonly migrate?: Readonly<Record<string, Migration<{ n: number }>>>;
  /** Of the state in which the run is found. */
  readonly waitMs?: number;
  readonly middle?: string;
  readonly middleStep?: 'look' | 'book';
  /** Invoke id of the first step. */
  readonly first?: string;
  /** Beside the step that was always there. */
  readonly more?: object;
  readonly input?: z.ZodType;
}

/** `look` adds 1 and takes 1 s; then the middle waits for 10 s or for its step, which never ends. */
function versionOf(deeds: Deeds, clock: VirtualClock, options: Version = {}): Workflow {
  const { version, migrate, waitMs = 10_000, middle = 'middle', middleStep = 'book', more = {} } = options;
  const step = (name: string, ms: number) =>
    code({
      input: (options.input ?? N) as typeof N,
      output: N,
      effect: 'idempotent',
      run: async ({ input }) => {
        deeds.push(name);
        await new Promise<void>((resolve) => void clock.setTimer(ms, resolve));
        return { n: input.n + 1 };
      },
    });
  const take = assign(({ event }: { event: { output?: unknown } }) => event.output) as never;
  const workflow = setupWorkflow({
    id: 'orders',
    ...(version !== undefined && { version }),
    ...(migrate !== undefined && { migrate }),
    input: N,
    output: N,
    context: N,
    budget: { totalMs: 60_000 },
    steps: { look: step('look', 1_000), book: step('book', 1_000_000), extra: step('extra', 1_000) },
  }).createMachine({
    context: ({ input }: { input: { n: number } }) => input,
    output: ({ context }: Seen) => ({ n: context.n }),
    initial: 'looking',
    states: {
      looking: {
        invoke: {
          id: options.first ?? 'look',
          src: 'look',
          input: ({ context }: Seen) => context,
          onDone: { target: middle, actions: take },
          onError: 'transient',
        },
      },
      [middle]: {
        invoke: [
          {
            id: 'middle',
            src: middleStep,
            input: ({ context }: Seen) => context,
            onDone: { target: 'done', actions: take },
            onError: 'failed',
          },
        ],
        after: { [waitMs]: 'done' },
        ...more,
      },
      transient: { always: 'failed' },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['degraded'] },
    },
  } as never);
  return asWorkflow(workflow as never);
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const STORES: Readonly<Record<string, (clock: VirtualClock) => () => JournalStore>> = {
  memory: () => {
    const journal = memoryJournal();
    return () => ({ ...bound(journal), close: async () => {} });
  },
  SQLite: (clock) => {
    const folder = mkdtempSync(join(tmpdir(), 'paceline-migrate-'));
    folders.push(folder);
    return () => sqliteJournal({ path: join(folder, 'runs.db'), clock });
  },
};

function bound(journal: JournalStore): JournalStore {
  return {
    create: (batch) => journal.create(batch),
    commit: (fence, batch) => journal.commit(fence, batch),
    load: (runId) => journal.load(runId),
    entries: (runId, fromSeq) => journal.entries(runId, fromSeq),
    claim: (runId) => journal.claim(runId),
    list: (filter) => journal.list(filter),
    release: (fence) => journal.release(fence),
    shapes: journal.shapes,
    inbox: journal.inbox,
    close: () => journal.close(),
  };
}

/** Leaves a run in the middle, 2 s after its start, under one version, and goes on with it under another 3 s later. */
async function goOn(old: Version, next: Version, store = 'memory') {
  const clock = createVirtualClock();
  const open = STORES[store]!(clock);
  const deeds: Deeds = [];
  let journal = open();
  const engine = () => createEngine({ gateway: scriptedGateway(), journal, clock });
  const first = engine();
  const started = first.start(versionOf(deeds, clock, old), { n: 0 }, { runId: 'run' });
  started.result.catch(() => {});
  await clock.advance(2_000);
  await clock.run(first.close({ unfinished: 'leave' }));
  const before = await journal.load('run');
  await journal.close();
  await clock.advance(3_000);

  journal = open();
  const begun = deeds.length;
  const workflow = versionOf(deeds, clock, next);
  const { runs, left } = await clock.run(engine().recover([workflow]));
  const outcome = await (runs[0] && clock.run(runs[0].result));
  const record = await journal.load('run');
  if (outcome !== undefined) await checkReplay(workflow, journal, record!);
  await journal.close();
  return { outcome, left, deeds: deeds.slice(begun), before, record, ms: clock.nowMs(), workflow };
}

describe.each(Object.keys(STORES))('in %s', (store) => {
  test('a run goes on as it is under a definition that says it is compatible', async () => {
    const { outcome, deeds, before, record, ms, workflow } = await goOn(
      {},
      { version: '2', migrate: { '1': 'compatible' }, more: { tags: ['new'] } },
      store,
    );
    expect(outcome).toMatchObject({ ok: true, output: { n: 1 } });
    // The step in flight once more, under its token; the timer when it was due.
    expect(deeds).toEqual(['book']);
    expect(ms).toBe(11_000);
    const { hash } = workflowInfo(workflow);
    expect(record).toMatchObject({
      workflowHash: hash,
      workflowVersion: '2',
      migratedFrom: { version: '1', hash: before?.workflowHash, seq: 3 },
      expiresEpochMs: before?.expiresEpochMs,
    });
  });

  test('a changed workflow without a migration is refused, naming the difference and what to declare', async () => {
    const { left, record, before } = await goOn({}, { waitMs: 20_000 }, store);
    expect(left).toMatchObject([{ runId: 'run', code: 'WORKFLOW_CHANGED' }]);
    expect(left[0]?.message).toContain(
      'after 10000 of state `middle` is gone; after 20000 of state `middle` is new',
    );
    expect(left[0]?.message).toContain(
      "raise its `version` and declare how it goes over: `migrate: { '1': 'compatible' }`",
    );
    expect(record).toEqual(before);
  });
});

test('a version that names no migration from the old one is refused', async () => {
  const { left } = await goOn({ version: '2' }, { version: '3', migrate: { '1': 'compatible' }, waitMs: 5 });
  expect(left[0]?.message).toContain("declare how it goes over: `migrate: { '2': 'compatible' }`");
  expect(left[0]?.message).not.toContain('raise');
});

test('a hash names one definition among several of a version', async () => {
  const clock = createVirtualClock();
  const { hash } = workflowInfo(versionOf([], clock));
  const { outcome } = await goOn({}, { migrate: { [hash]: 'compatible' }, waitMs: 20_000 });
  expect(outcome?.ok).toBe(true);
});

test('the state and the context are mapped', async () => {
  const { outcome, deeds, record } = await goOn(
    {},
    {
      version: '2',
      middle: 'booking',
      migrate: {
        '1': ({ state, context }: MachinePlace<{ n: number }>) => ({
          state: state === 'middle' ? 'booking' : state,
          context: { n: context.n + 10 },
        }),
      },
    },
  );
  expect(outcome).toMatchObject({ ok: true, output: { n: 11 } });
  expect(deeds).toEqual(['book']);
  expect(record?.pending).toEqual({});
});

test('another version of the same machine goes on', async () => {
  const { outcome, record, before } = await goOn({}, { version: '2' });
  expect(outcome?.ok).toBe(true);
  expect(record?.workflowHash).toBe(before?.workflowHash);
  expect(record?.migratedFrom).toBeUndefined();
});

describe('what is in flight', () => {
  test('a step that the state has had before goes on with its token', async () => {
    const { before, record } = await goOn(
      {},
      { version: '2', migrate: { '1': 'compatible' }, waitMs: 20_000 },
    );
    const adopted = before?.pending['middle']?.token;
    expect(adopted).toBe('run/2/middle/1');
    expect(record?.visits).toEqual({ look: 1, middle: 1 });
  });

  test('a step that the state has not had before begins, and is in no doubt', async () => {
    const extra = {
      invoke: [
        { id: 'middle', src: 'book', input: { n: 0 }, onDone: 'done', onError: 'failed' },
        {
          id: 'extra',
          src: 'extra',
          input: ({ context }: Seen) => context,
          onDone: {
            target: 'done',
            actions: assign(({ event }: { event: { output?: unknown } }) => event.output),
          },
          onError: 'failed',
        },
      ],
    };
    const { outcome, deeds, ms } = await goOn(
      {},
      { version: '2', migrate: { '1': 'compatible' }, more: extra },
    );
    expect(deeds.toSorted()).toEqual(['book', 'extra']);
    expect(outcome).toMatchObject({ output: { n: 2 } });
    expect(ms).toBe(6_000);
  });

  test('a new time limit of the state counts from now; one that is gone is dropped', async () => {
    const { ms } = await goOn({}, { version: '2', migrate: { '1': 'compatible' }, waitMs: 20_000 });
    expect(ms).toBe(25_000);
  });

  test('a step that nothing invokes any more keeps the run from going over', async () => {
    const { left } = await goOn({}, { version: '2', migrate: { '1': 'compatible' }, more: { invoke: [] } });
    expect(left[0]?.message).toContain(
      'step `book` is in flight as `middle`, and nothing invokes that where the run would go on',
    );
  });

  test('so does one that is another step now', async () => {
    const { left } = await goOn({}, { version: '2', migrate: { '1': 'compatible' }, middleStep: 'look' });
    expect(left[0]?.message).toContain('step `book` is in flight as `middle`, which is step `look` now');
  });

  test('so does one whose input does not fit', async () => {
    const { left } = await goOn(
      {},
      { version: '2', migrate: { '1': 'compatible' }, input: z.object({ n: z.string() }) },
    );
    expect(left[0]?.message).toContain('its input does not fit: n: expected string, received number');
  });
});

const to = (state: string, context: { n: number } = { n: 1 }): Version => ({
  version: '2',
  waitMs: 20_000,
  migrate: { '1': () => ({ state, context }) },
});

describe('a place that is none', () => {
  test.each([
    ['a state that the machine does not have', to('nowhere'), 'nowhere'],
    ['a final state', to('done'), '"done" is final'],
    ['a state that is left at once', to('transient'), '"transient" may be left at once'],
    [
      'a context that does not fit',
      to('middle', { n: 'x' as never }),
      'its context does not fit: n: expected number',
    ],
    [
      'a migration that throws',
      {
        version: '2',
        waitMs: 20_000,
        migrate: {
          '1': () => {
            throw new Error('not today');
          },
        },
      },
      'not today',
    ],
  ])('%s is refused, and the run stays as it was', async (_, next, message) => {
    const { left, before, record } = await goOn({}, next);
    expect(left).toMatchObject([{ code: 'WORKFLOW_CHANGED' }]);
    expect(left[0]?.message).toContain('it cannot go over from version 1');
    expect(left[0]?.message).toContain(message);
    expect(record).toEqual(before);
  });
});

test('what came before is not asked of the new machine', async () => {
  // Its first step has another name, so that no entry before the migration fits it.
  const { outcome } = await goOn({}, { version: '2', migrate: { '1': 'compatible' }, first: 'find' });
  expect(outcome?.ok).toBe(true);
});

/** A step that is over, then a state in which a timer has fired; both states count what they start. */
function resting(
  deeds: Deeds,
  options: { version?: string; migrate?: Record<string, Migration<{ n: number }>> } = {},
) {
  const step = code({
    input: N,
    output: N,
    effect: 'pure',
    run: ({ input }) => {
      deeds.push('look');
      return input;
    },
  });
  const count = assign({ n: ({ context }: Seen) => context.n + 1 });
  return asWorkflow(
    setupWorkflow({
      id: 'resting',
      ...options,
      input: N,
      output: N,
      context: N,
      budget: { totalMs: 60_000 },
      steps: { look: step },
    }).createMachine({
      context: ({ input }: { input: { n: number } }) => input,
      output: ({ context }: Seen) => context,
      initial: 'looking',
      states: {
        looking: {
          invoke: {
            id: 'look',
            src: 'look',
            input: ({ context }: Seen) => context,
            onDone: 'lying',
            onError: 'lying',
          },
        },
        lying: {
          tags: options.version === undefined ? [] : ['new'],
          after: { 500: { actions: count }, 10_000: 'done' },
        },
        done: { type: 'final' },
      },
    } as never) as never,
  );
}

async function lieStill(migration: Migration<{ n: number }>) {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const engine = () => createEngine({ gateway: scriptedGateway(), journal, clock });
  const first = engine();
  first.start(resting([]), { n: 0 } as never, { runId: 'run' }).result.catch(() => {});
  await clock.advance(2_000);
  await clock.run(first.close({ unfinished: 'leave' }));
  const deeds: Deeds = [];
  const { runs } = await clock.run(
    engine().recover([resting(deeds, { version: '2', migrate: { '1': migration } })]),
  );
  return { outcome: await clock.run(runs[0]!.result), deeds };
}

test('a timer that has fired in the state does not fire again in it', async () => {
  expect((await lieStill('compatible')).outcome).toMatchObject({ output: { n: 1 } });
});

test('a state that the run goes back to starts all that it has', async () => {
  const { outcome, deeds } = await lieStill(() => ({ state: 'looking', context: { n: 5 } }));
  expect(deeds).toEqual(['look']);
  expect(outcome).toMatchObject({ output: { n: 6 } });
});
