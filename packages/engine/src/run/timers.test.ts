import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { createEngine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import { chart, count } from '../test-support/charts/chart.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { cancel, raise } from '../xstate/actions.ts';

const later = (delay: number) => raise({ type: 'GO' }, { id: 'go', delay });

/** Counts what two timers of one name bring within a second; `hello` sets a third, `bye` cancels them. */
const counting = chart({
  a: {
    entry: [later(200), later(400)],
    after: { 1_000: 'end' },
    on: { GO: { actions: count }, hello: { actions: later(300) }, bye: { actions: cancel('go') } },
  },
});

const engineOn = (clock: VirtualClock, journal: JournalStore = memoryJournal()) =>
  createEngine({ gateway: scriptedGateway(), journal, clock });

test('timers that share an id all fire', async () => {
  const clock = createVirtualClock();
  const { result } = engineOn(clock).start(counting, null);
  expect(await clock.run(result)).toMatchObject({ ok: true, output: { n: 2 } });
});

test('one that is set again under its id later is one more', async () => {
  const clock = createVirtualClock();
  const handle = engineOn(clock).start(counting, null);
  await clock.advance(300);
  await handle.signal('hello', { n: 0 });
  expect(await clock.run(handle.result)).toMatchObject({ ok: true, output: { n: 3 } });
});

test('a cancel by their id stops all that have not fired', async () => {
  const clock = createVirtualClock();
  const handle = engineOn(clock).start(counting, null);
  await clock.advance(300);
  await handle.signal('hello', { n: 0 });
  await handle.signal('bye', { n: 0 });
  expect(await clock.run(handle.result)).toMatchObject({ ok: true, output: { n: 1 } });
});

test('another process goes on with all of them', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const first = engineOn(clock, journal);
  const left = first.start(counting, null);
  left.result.catch(() => {});
  await clock.advance(100);
  await clock.run(first.close({ unfinished: 'leave' }));
  const { runs } = await engineOn(clock, journal).recover([counting]);
  expect(await clock.run(runs[0]!.result)).toMatchObject({ ok: true, output: { n: 2 } });
});

test('a fork has them all', async () => {
  const clock = createVirtualClock();
  const engine = engineOn(clock);
  const source = engine.start(counting, null);
  await clock.advance(100);
  const fork = await clock.run(engine.fork(counting, source.runId, { atSeq: 1 }));
  expect(await clock.run(fork.result)).toMatchObject({ ok: true, output: { n: 2 } });
});
