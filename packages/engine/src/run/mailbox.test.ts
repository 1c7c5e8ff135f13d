import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { code } from '../define/steps.ts';
import { assign, raise } from '../xstate/actions.ts';
import { advance } from './advance.ts';
import type { Advance } from './advance.ts';
import type { RunEvent, RunRecord } from './record.ts';

const N = z.object({ n: z.number() });

/** What one entry does when mail waits: a step, then what is given. */
const setup = setupWorkflow({
  id: 'mail',
  input: N,
  output: N,
  context: N,
  budget: { totalMs: 1_000 },
  steps: {
    first: code({ input: N, output: N, effect: 'pure', run: ({ input }) => input }),
    book: code({ input: N, output: N, effect: 'once', run: ({ input }) => input, compensate: () => {} }),
  },
  signals: { go: N, stop: z.null() },
});

function mailFlow(states: object, on: object = {}): Workflow {
  const config = {
    context: ({ input }: { input: { n: number } }) => input,
    output: ({ context }: { context: { n: number } }) => context,
    initial: 'first',
    on,
    states: {
      first: {
        invoke: { id: 'first', src: 'first', input: { n: 1 }, onDone: 'next', onError: 'failed' },
      },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['failed'] },
      ...states,
    },
  };
  return setup.createMachine(config as never) as unknown as Workflow;
}

const booking = { id: 'book', src: 'book', input: { n: 2 }, onDone: 'done', onError: 'failed' };

/** Folds events into a run, each a millisecond after the one before. */
function fold(
  workflow: Workflow,
  ...events: readonly (RunEvent | ((record: RunRecord) => RunEvent))[]
): Advance {
  let last: Advance | null = null;
  for (const [at, event] of events.entries()) {
    const record: RunRecord | null = last === null ? null : (last as Advance).batch.record;
    last = advance({
      workflow,
      record,
      event: typeof event === 'function' ? event(record as RunRecord) : event,
      nowEpochMs: 1_000 + at,
    });
    if (last === null) throw new Error(`Event ${at} was not taken.`);
  }
  return last as unknown as Advance;
}

const start: RunEvent = {
  type: 'run-start',
  runId: 'run',
  input: { n: 0 },
  labels: {},
  totalMs: 1_000,
  capUsd: null,
};
const signal = (name: string, payload: unknown = null, id = name): RunEvent =>
  ({ type: 'signal', id, name, payload }) as RunEvent;
const firstDone = ({ pending }: RunRecord): RunEvent => ({
  type: 'step-done',
  token: pending['first']!.token,
  output: { n: 1 },
  attempts: [],
});

const typesOf = ({ effects }: Advance) => effects.map(({ type }) => type);

function oops(): never {
  throw new Error('oops');
}

const guard = ({ context }: { context: { n: number } }) => context.n === 7;

describe('mail taken in the entry that lets a state want it', () => {
  test('stops the step of that state before it has begun', () => {
    const flow = mailFlow({ next: { invoke: booking, on: { stop: 'done', go: 'done' } } });
    const ended = fold(flow, start, signal('stop'), firstDone);
    expect(typesOf(ended)).toEqual(['run-end']);
    expect(ended.batch.record).toMatchObject({ status: 'succeeded', pending: {} });
  });

  test('leaves nothing to undo of a step that has not begun', () => {
    const flow = mailFlow({ next: { invoke: booking, on: { stop: 'failed', go: 'done' } } });
    const ended = fold(flow, start, signal('stop'), firstDone);
    expect(typesOf(ended)).toEqual(['run-end']);
    expect(ended.batch.record).toMatchObject({ status: 'failed' });
    expect(ended.batch.record.undo ?? []).toEqual([]);
  });

  test('starts the step of the state that it leads to, once', () => {
    const flow = mailFlow({ next: { on: { go: 'book', stop: 'done' } }, book: { invoke: booking } });
    const { effects, batch } = fold(flow, start, signal('go', { n: 5 }), firstDone);
    expect(effects).toEqual([{ type: 'step-start', pending: batch.record.pending['book'] }]);
    expect(batch.record.undo).toHaveLength(1);
  });

  test('may follow other mail, as far as the machine wants it', () => {
    const count = assign({
      n: ({ context, event }: { context: { n: number }; event: { payload: { n: number } } }) =>
        10 * context.n + event.payload.n,
    } as never);
    const flow = mailFlow({
      next: {
        on: {
          go: { actions: count },
          stop: { guard: ({ context }: never) => (context as { n: number }).n === 12, target: 'done' },
        },
      },
    });
    const { batch } = fold(
      flow,
      start,
      signal('stop'),
      signal('go', { n: 1 }, 'a'),
      signal('go', { n: 2 }, 'b'),
      firstDone,
    );
    expect(batch.record).toMatchObject({ status: 'succeeded', output: { n: 12 } });
    expect(batch.record).not.toHaveProperty('mailbox');
  });

  test('leaves the timers of both macrosteps set, also those without an id', () => {
    const later = raise({ type: 'LATER' }, { delay: 10 });
    const flow = mailFlow({
      next: {
        entry: [later, later],
        on: { go: { actions: [later] }, LATER: 'done', stop: 'done' },
      },
    });
    const { batch, effects } = fold(flow, start, signal('go', { n: 1 }), firstDone);
    expect(Object.keys(batch.record.timers)).toHaveLength(3);
    expect(new Set(effects.map((effect) => effect.type === 'timer-set' && effect.timer.token)).size).toBe(3);
  });

  test('ends the run if a guard throws, and the step of that entry never begins', () => {
    const flow = mailFlow({
      next: { invoke: booking, on: { go: { guard: oops, target: 'done' }, stop: 'done' } },
    });
    const ended = fold(flow, start, signal('go', { n: 1 }), firstDone);
    expect(typesOf(ended)).toEqual(['run-end']);
    expect(ended.batch.record).toMatchObject({
      status: 'failed',
      failure: { code: 'MACHINE_FAILED', message: expect.stringContaining('oops') },
    });
  });

  test('is none of a machine that has ended', () => {
    const flow = mailFlow(
      { next: { entry: assign({ n: 7 }), always: 'done', on: { go: 'done' } } },
      { stop: { guard, actions: assign({ n: 8 }) } },
    );
    const { batch } = fold(flow, start, signal('stop'), firstDone);
    expect(batch.record).toMatchObject({ status: 'succeeded', output: { n: 7 }, mailbox: [{ id: 'stop' }] });
  });
});

describe('an id is known', () => {
  const flow = mailFlow({ next: { on: { go: { actions: assign({ n: 1 }) as never }, stop: 'done' } } });
  const again = (record: RunRecord, id: string) =>
    advance({ workflow: flow, record, event: signal('go', { n: 1 }, id), nowEpochMs: 5_000 });
  const gone = Array.from({ length: 256 }, (_, n) => signal('go', { n }, `id-${n}`));

  test('until 256 others were heard after it', () => {
    const all = fold(flow, start, firstDone, signal('go', { n: 0 }, 'oldest'), ...gone.slice(1));
    expect(again(all.batch.record, 'oldest')).toBeNull();
    const more = fold(flow, start, firstDone, signal('go', { n: 0 }, 'oldest'), ...gone);
    expect(more.batch.record.heard).toHaveLength(256);
    expect(again(more.batch.record, 'oldest')).not.toBeNull();
  });

  test('as long as its signal waits, however many were heard after it', () => {
    const guarded = mailFlow({
      next: {
        on: { go: { actions: assign({ n: 1 }) as never }, stop: { guard: () => false, target: 'done' } },
      },
    });
    const { batch } = fold(guarded, start, firstDone, signal('stop', null, 'waits'), ...gone);
    expect(batch.record.heard).not.toContain('waits');
    const event = signal('stop', null, 'waits');
    expect(advance({ workflow: guarded, record: batch.record, event, nowEpochMs: 5_000 })).toBeNull();
  });
});
