import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../engine.ts';
import type { RunHandle } from '../engine.ts';
import type { EngineEvent } from '../events.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import { approving } from '../test-support/approving.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { twoSteps } from '../test-support/workflows.ts';
import type { RunOptions } from './run-order.ts';

/** An engine in virtual time, and what its letters have come to. */
function world() {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock, replayCheck: true });
  const sent: string[] = [];
  const flow = approving({ sent });
  const start = (options: RunOptions = {}) =>
    engine.start(flow, { text: 'hello' }, { runId: 'letter', ...options });
  const seq = async () => (await journal.load('letter'))?.seq;
  return { clock, journal, engine, sent, flow, start, seq };
}

/** A run that has come to where it waits for an approval. */
async function asking() {
  const all = world();
  const handle = all.start();
  await all.clock.advance(1);
  return { ...all, handle };
}

async function signalsOf({ events }: RunHandle<unknown>): Promise<EngineEvent[]> {
  const signals: EngineEvent[] = [];
  for await (const event of events) if (event.type === 'signal') signals.push(event);
  return signals;
}

test('a waiting state takes a signal, and the run goes on with its payload', async () => {
  const { clock, handle, sent } = await asking();
  expect(sent).toEqual(['hello']);
  expect(await handle.signal('approve', { by: 'ann' })).toBe('taken');
  await clock.advance(1);
  expect(await handle.signal('confirm', null)).toBe('taken');
  expect(await handle.result).toMatchObject({ status: 'succeeded', output: { text: 'hello', by: 'ann' } });
  expect(sent).toEqual(['hello', 'hello']);
  expect(clock.pendingTimers()).toBe(0);
});

test('a payload is recorded as its schema gives it back', async () => {
  const { clock, handle, journal } = await asking();
  await handle.signal('amend', { text: '  good day ' });
  expect((await journal.load('letter'))?.snapshot).toMatchObject({ context: { text: 'good day' } });
  await handle.signal('approve', { by: 'ann' });
  await clock.advance(1);
  await handle.signal('confirm', null);
  expect((await handle.result).ok).toBe(true);
});

test('a signal is on record before its sender hears of it', async () => {
  const { handle, journal, clock } = await asking();
  await handle.signal('amend', { text: 'x' }, { id: 'one' });
  const recorded = [];
  for await (const { event } of journal.entries('letter')) recorded.push(event);
  expect(recorded.at(-1)).toEqual({ type: 'signal', id: 'one', name: 'amend', payload: { text: 'x' } });
  handle.cancel();
  await clock.run(handle.result);
});

describe('a signal that no state wants yet', () => {
  test('waits, and is taken when one does', async () => {
    const { clock, start, sent } = world();
    const handle = start();
    const sending = [
      handle.signal('approve', { by: 'ann' }, { id: 'early' }),
      handle.signal('confirm', null, { id: 'earlier' }),
    ];
    expect(await Promise.all(sending)).toEqual(['waiting', 'waiting']);
    expect(await clock.run(handle.result)).toMatchObject({ status: 'succeeded', output: { by: 'ann' } });
    expect(sent).toHaveLength(2);
    expect((await signalsOf(handle)).map((event) => ({ ...event, afterMs: 0 }))).toEqual(
      [
        { id: 'early', name: 'approve', payload: { by: 'ann' }, receipt: 'waiting' },
        { id: 'earlier', name: 'confirm', payload: null, receipt: 'waiting' },
        { id: 'early', name: 'approve', payload: { by: 'ann' }, receipt: 'taken' },
        { id: 'earlier', name: 'confirm', payload: null, receipt: 'taken' },
      ].map((event) => ({ type: 'signal', runId: 'letter', afterMs: 0, ...event })),
    );
  });

  test('because of a guard waits behind nobody: others are taken before it', async () => {
    const { clock, handle, journal } = await asking();
    expect(await handle.signal('approve', { by: 'nobody' })).toBe('waiting');
    expect(await handle.signal('amend', { text: 'x' })).toBe('taken');
    expect(await handle.signal('approve', { by: 'ann' })).toBe('taken');
    await clock.advance(1);
    await handle.signal('confirm', null);
    await handle.result;
    expect((await journal.load('letter'))?.mailbox).toMatchObject([{ payload: { by: 'nobody' } }]);
  });

  test('comes in the order in which it was sent', async () => {
    const { clock, start } = world();
    const handle = start();
    const sending = ['one', 'two', 'three'].map((text) => handle.signal('amend', { text }));
    expect(await Promise.all(sending)).toEqual(['waiting', 'waiting', 'waiting']);
    await clock.advance(1);
    await handle.signal('approve', { by: 'ann' });
    await clock.advance(1);
    await handle.signal('confirm', null);
    expect(await handle.result).toMatchObject({ output: { text: 'three' } });
  });

  test('is one of 100 at most; what a state wants is taken all the same', async () => {
    const { handle, seq, clock } = await asking();
    for (let n = 0; n < 100; n++) await handle.signal('confirm', null);
    const before = await seq();
    await expect(handle.signal('confirm', null)).rejects.toMatchObject({
      code: 'MAILBOX_FULL',
      message: expect.stringContaining('100 signals wait in run letter'),
    });
    expect(await seq()).toBe(before);
    expect(await handle.signal('approve', { by: 'ann' })).toBe('taken');
    expect(await clock.run(handle.result)).toMatchObject({ status: 'succeeded' });
  });

  test('leaves no trace in a run that has taken all', async () => {
    const { clock, start, journal } = world();
    const handle = start();
    await handle.signal('amend', { text: 'x' });
    await clock.advance(1);
    expect(await journal.load('letter')).not.toHaveProperty('mailbox');
    handle.cancel();
    await clock.run(handle.result);
  });
});

describe('a signal with an id that was heard', () => {
  test('is not taken again', async () => {
    const { handle, seq, clock } = await asking();
    expect(await handle.signal('amend', { text: 'one' }, { id: 'a' })).toBe('taken');
    const before = await seq();
    expect(await handle.signal('amend', { text: 'two' }, { id: 'a' })).toBe('repeated');
    expect(await seq()).toBe(before);
    handle.cancel();
    await clock.run(handle.result);
  });

  test('is not taken again while the first is under way', async () => {
    const { handle, clock } = await asking();
    const receipts = ['one', 'two', 'three'].map((text) => handle.signal('amend', { text }, { id: 'a' }));
    expect(await Promise.all(receipts)).toEqual(['taken', 'repeated', 'repeated']);
    handle.cancel();
    await clock.run(handle.result);
  });

  test('is known after the end of the run, too', async () => {
    const { handle, clock } = await asking();
    await handle.signal('approve', { by: 'ann' }, { id: 'a' });
    await clock.advance(1);
    await handle.signal('confirm', null);
    await handle.result;
    expect(await handle.signal('approve', { by: 'ann' }, { id: 'a' })).toBe('repeated');
  });

  test('is told from others without one', async () => {
    const { handle, clock } = await asking();
    expect(await handle.signal('amend', { text: 'one' })).toBe('taken');
    expect(await handle.signal('amend', { text: 'one' })).toBe('taken');
    handle.cancel();
    await clock.run(handle.result);
  });
});

describe('what a run does not take', () => {
  const by = 'ann';
  const refused: readonly [{ name: string; payload: unknown; id?: string }, string][] = [
    [
      { name: 'aprove', payload: { by } },
      'Workflow `approving` takes no signal `aprove`. Did you mean `approve`? It takes: approve, amend, confirm.',
    ],
    [{ name: 'toString', payload: null }, 'Workflow `approving` takes no signal `toString`.'],
    [
      { name: 'approve', payload: {} },
      'The payload of `approve` does not fit: by: expected string, received undefined',
    ],
    [
      { name: 'approve', payload: new Map() },
      'The payload of `approve` does not fit: the value is a Map, which JSON cannot hold',
    ],
    [{ name: 'confirm', payload: null, id: '' }, 'The id of a message has 1 to 200 characters.'],
    [{ name: 'confirm', payload: null, id: 'x'.repeat(201) }, 'The id of a message has 1 to 200 characters.'],
  ];

  test.each(refused)('%j', async ({ name, payload, ...options }, message) => {
    const { handle, seq, clock } = await asking();
    const before = await seq();
    const untyped: RunHandle<unknown> = handle;
    await expect(untyped.signal(name, payload, options)).rejects.toMatchObject({
      code: 'SIGNAL_INVALID',
      message: expect.stringContaining(message),
    });
    expect(await seq()).toBe(before);
    handle.cancel();
    await clock.run(handle.result);
  });

  test('anything of a workflow without signals', async () => {
    const { engine, clock } = world();
    const handle: RunHandle<unknown> = engine.start(twoSteps, { n: 1 });
    await expect(handle.signal('x', null)).rejects.toThrow(
      'Workflow `two-steps` takes no signal `x`. It takes none.',
    );
    await clock.run(handle.result);
  });

  test('anything after its end', async () => {
    const { handle, clock } = await asking();
    handle.cancel();
    await clock.run(handle.result);
    await expect(handle.signal('confirm', null)).rejects.toMatchObject({ code: 'RUN_ENDED' });
  });

  test('anything that comes behind its end', async () => {
    const { handle, clock } = await asking();
    handle.cancel();
    const late = handle.signal('confirm', null);
    await expect(late).rejects.toMatchObject({ code: 'RUN_ENDED' });
    await clock.run(handle.result);
  });

  test('anything if it never began: an input that does not fit, an id that is taken', async () => {
    const { engine, flow, clock, handle } = await asking();
    const unfit = engine.start(flow, { text: 1 } as never);
    await expect(unfit.signal('confirm', null)).rejects.toMatchObject({ code: 'RUN_ENDED' });
    const again = engine.start(flow, { text: '' }, { runId: 'letter' });
    await expect(again.signal('confirm', null)).rejects.toMatchObject({ code: 'RUN_EXISTS' });
    handle.cancel();
    await clock.run(handle.result);
  });
});

test('a run that is given up says so to whoever still speaks to it', async () => {
  const { engine, handle, clock } = await asking();
  await clock.run(engine.close({ unfinished: 'leave' }));
  await expect(handle.signal('approve', { by: 'ann' })).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
});

test('a signal that could not be recorded was not taken', async () => {
  const clock = createVirtualClock();
  const kept = memoryJournal();
  const broken = new Error('disk full');
  let isBroken = false;
  const journal = Object.assign(Object.create(kept) as JournalStore, {
    commit: (...given: Parameters<JournalStore['commit']>) =>
      isBroken ? Promise.reject(broken) : kept.commit(...given),
  });
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock });
  const handle = engine.start(approving({ sent: [] }), { text: 'hello' }, { runId: 'letter' });
  const result = expect(handle.result).rejects.toBe(broken);
  await clock.advance(1);
  isBroken = true;
  const twice = [1, 2].map(() => handle.signal('approve', { by: 'ann' }, { id: 'a' }));
  expect(await Promise.allSettled(twice)).toMatchObject([{ reason: broken }, { reason: broken }]);
  await result;
});

test('a state that waits too long is left by its `after`', async () => {
  const { clock, handle } = await asking();
  expect(await clock.run(handle.result)).toMatchObject({ status: 'degraded', ms: 30_000 });
});
