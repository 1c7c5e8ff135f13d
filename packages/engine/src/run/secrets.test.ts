import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { failureOf } from '../define/failure.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code, execute, tool } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import type { SqliteJournal } from '../journal/sqlite/contract.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import type { Reply } from '../test-support/gateway.ts';
import { assign } from '../xstate/actions.ts';

const CANARY = 'canary-5f3a9c1e77';
const ENCODED = Buffer.from(`x${CANARY}y`).toString('base64');

const Text = z.object({ text: z.string() });

/** What the steps do, by the name that a test gives. */
const DEEDS: Readonly<Record<string, () => string>> = {
  nothing: () => 'well',
  output: () => `it is ${CANARY}`,
  encoded: () => ENCODED,
  throws: () => {
    throw new Error(`401 for ${CANARY}`);
  },
};

function flow(doing: keyof typeof DEEDS, act: keyof typeof DEEDS) {
  const deed = (name: keyof typeof DEEDS) => () => ({ text: DEEDS[name]!() });
  return setupWorkflow({
    id: 'secretive',
    input: z.object({ text: z.string() }),
    output: z.object({ text: z.string() }),
    context: z.object({ text: z.string() }),
    budget: { totalMs: 60_000 },
    signals: { go: z.object({ text: z.string() }) },
    steps: {
      work: code({ input: Text, output: Text, effect: 'pure', run: deed(doing) }),
      act: execute({
        input: Text,
        output: Text,
        tools: { look: tool({ description: 'Looks', input: Text, effect: 'pure', run: deed(act) }) },
        prompt: () => 'Act.',
      }),
    },
  }).createMachine({
    context: ({ input }) => ({ text: input.text }),
    output: ({ context }) => context,
    initial: 'working',
    states: {
      working: {
        invoke: {
          id: 'work',
          src: 'work',
          input: ({ context }) => context,
          onDone: 'acting',
          onError: {
            target: 'failed',
            actions: assign({ text: ({ event }) => failureOf(event.error).code }),
          },
        },
      },
      acting: {
        invoke: {
          id: 'act',
          src: 'act',
          input: ({ context }) => context,
          onDone: 'waiting',
          onError: {
            target: 'failed',
            actions: assign({ text: ({ event }) => failureOf(event.error).code }),
          },
        },
      },
      waiting: { on: { go: 'done' }, after: { 1_000: 'done' } },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['degraded'] },
    },
  });
}

const USES_TOOL: readonly Reply[] = [
  { toolCalls: [{ id: 'c1', name: 'look', input: { text: 'here' } }], finishReason: 'tool-calls' } as Reply,
  '{"text":"acted"}',
];

let folder: string;
let journal: SqliteJournal;
let engine: Engine;
const clock = createVirtualClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-secrets-'));
  journal = sqliteJournal({ path: join(folder, 'runs.db'), clock });
});
afterEach(async () => {
  await clock.run(engine.close());
  await journal.close();
  rmSync(folder, { recursive: true });
});

function open(...replies: readonly Reply[]): Engine {
  engine = createEngine({
    gateway: scriptedGateway(...replies),
    journal,
    clock,
    secrets: { MAIL_KEY: CANARY },
  });
  return engine;
}

/** Whatever SQLite has written, in any of its files. */
function recorded(): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n');
}

function expectNoTrace(): void {
  const bytes = recorded();
  expect(bytes).not.toContain(CANARY);
  expect(bytes).not.toContain(ENCODED);
}

test('a run that holds none is recorded as ever', async () => {
  const outcome = await clock.run(open(...USES_TOOL).run(flow('nothing', 'nothing'), { text: 'seen-text' }));
  expect(outcome).toMatchObject({ status: 'succeeded' });
  expect(recorded()).toContain('seen-text');
});

describe('a run is refused before anything is recorded', () => {
  test.each([
    ['for its input', { text: `key ${CANARY}` }, {}],
    ['for its input in base64', { text: ENCODED }, {}],
    ['for a label', { text: 'x' }, { labels: { key: CANARY } }],
    ['for its tenant', { text: 'x' }, { tenant: CANARY }],
    ['for its id', { text: 'x' }, { runId: `run-${CANARY}` }],
  ])('%s', async (_, input, options) => {
    const outcome = await clock.run(open().run(flow('nothing', 'nothing'), input, options));
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'SECRET_IN_STATE' } });
    const error = 'error' in outcome ? outcome.error.message : '';
    expect(error).toContain('`MAIL_KEY`');
    expect(error).not.toContain(CANARY);
    expect(await journal.list({})).toEqual([]);
    expectNoTrace();
  });
});

describe('a step fails', () => {
  test.each<[string, readonly [code: keyof typeof DEEDS, tool: keyof typeof DEEDS], readonly Reply[]]>([
    ['for its output', ['output', 'nothing'], []],
    ['for its output in base64', ['encoded', 'nothing'], []],
    ['for what its failure says', ['throws', 'nothing'], []],
    ["for a tool's result", ['nothing', 'output'], USES_TOOL],
    ["for what a tool's failure says", ['nothing', 'throws'], USES_TOOL],
    ['for what a model says', ['nothing', 'nothing'], [`{"text":"${CANARY}"}`]],
    [
      'for what a model gives to a tool',
      ['nothing', 'nothing'],
      [
        {
          toolCalls: [{ id: 'c1', name: 'look', input: { text: CANARY } }],
          finishReason: 'tool-calls',
        } as Reply,
      ],
    ],
  ])('%s', async (_, [doing, act], replies) => {
    const outcome = await clock.run(open(...replies).run(flow(doing, act), { text: 'x' }));
    expect(outcome).toMatchObject({ status: 'degraded', output: { text: 'SECRET_IN_STATE' } });
    expectNoTrace();
  });
});

/** A run that waits for a signal. */
async function waiting() {
  const handle = open(...USES_TOOL).start(flow('nothing', 'nothing'), { text: 'x' }, { runId: 'run' });
  await clock.advance(10);
  return handle;
}

describe('what is said from outside', () => {
  test('is refused to its sender, and the run goes on', async () => {
    const handle = await waiting();
    await expect(handle.signal('go', { text: CANARY })).rejects.toMatchObject({ code: 'SECRET_IN_STATE' });
    await expect(engine.signal('run', 'go', { text: CANARY })).rejects.toMatchObject({
      code: 'SECRET_IN_STATE',
    });
    expect(await clock.run(handle.result)).toMatchObject({ status: 'succeeded' });
    expectNoTrace();
  });

  test('is not left in the inbox of a run that another process works on', async () => {
    const handle = await waiting();
    const other = createEngine({ gateway: scriptedGateway(), journal, clock, secrets: { MAIL_KEY: CANARY } });
    await expect(other.signal('run', 'go', { text: CANARY })).rejects.toMatchObject({
      code: 'SECRET_IN_STATE',
    });
    await clock.run(Promise.all([handle.result, other.close()]));
    expectNoTrace();
  });

  test('cancels all the same', async () => {
    const handle = await waiting();
    handle.cancel(`because of ${CANARY}`);
    const outcome = await clock.run(handle.result);
    expect(outcome).toMatchObject({
      status: 'cancelled',
      error: { message: expect.stringContaining('`MAIL_KEY`') },
    });
    expectNoTrace();
  });

  test('a fork is refused for what it sets', async () => {
    const handle = await waiting();
    await clock.run(handle.result);
    const fork = engine.fork(flow('nothing', 'nothing'), 'run', {
      atSeq: 1,
      set: { 'context.text': CANARY },
    });
    await expect(clock.run(fork)).rejects.toMatchObject({ code: 'SECRET_IN_STATE' });
    expectNoTrace();
  });
});
