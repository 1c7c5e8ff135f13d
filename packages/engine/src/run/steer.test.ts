import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Failure } from '../define/failure.ts';
import { code as codeStep } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import type { JournalStore } from '../journal/store.ts';
import { approving } from '../test-support/approving.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { oneStep } from '../test-support/one-step.ts';

/** Something that can work on runs: an engine with a journal of its own. */
interface Process {
  readonly engine: Engine;
  readonly journal: JournalStore;
  /** Messages that its runs refused. */
  readonly refused: readonly Failure[];
}

let folder: string;
let clock: VirtualClock;
const journals: JournalStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-steer-'));
  clock = createVirtualClock();
});
afterEach(async () => {
  for (const journal of journals.splice(0)) await journal.close();
  rmSync(folder, { recursive: true });
});

function processOn(journal: JournalStore): Process {
  journals.push(journal);
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock });
  const refused: Failure[] = [];
  engine.events.on('message-refused', ({ failure }) => refused.push(failure));
  return { engine, journal, refused };
}

/** Each owns the runs it begins, as a process of its own does. */
const another = (): Process => processOn(sqliteJournal({ path: join(folder, 'runs.db'), clock }));

/** A run that waits for `approve`. */
async function waiting({ engine }: Process, sent: string[] = []) {
  const handle = engine.start(approving({ sent }), { text: 'hello' }, { runId: 'letter' });
  await clock.advance(1);
  return handle;
}

/** A step that is at work until it is stopped. */
function hanging({
  onBegin = () => {},
  onAbort = () => {},
}: { onBegin?(): unknown; onAbort?(): unknown } = {}) {
  return codeStep({
    input: z.json(),
    output: z.json(),
    effect: 'idempotent',
    run: ({ signal }) => {
      onBegin();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          onAbort();
          reject(signal.reason as Error);
        });
      });
    },
  });
}

/** In virtual time, as all of this is. */
const done = <T>(work: Promise<T>): Promise<T> => clock.run(work);

describe('a run of this engine', () => {
  test('takes signals and a cancel at once', async () => {
    const here = processOn(memoryJournal());
    const { result } = await waiting(here);
    expect(await here.engine.signal('letter', 'approve', { by: 'ann' }, { id: 'm1' })).toBe('taken');
    expect(await here.engine.signal('letter', 'approve', { by: 'bob' }, { id: 'm1' })).toBe('repeated');
    await expect(here.engine.signal('letter', 'approve', { by: 7 })).rejects.toMatchObject({
      code: 'SIGNAL_INVALID',
    });
    await expect(here.engine.signal('letter', 'approve', { by: clock })).rejects.toMatchObject({
      code: 'SIGNAL_INVALID',
    });
    await expect(here.engine.answer('letter', { type: 'approve' })).rejects.toMatchObject({
      code: 'NOT_WAITING',
    });
    expect(await done(here.engine.cancel('letter', 'no more'))).toBe('taken');
    expect(await result).toMatchObject({ status: 'cancelled', error: { message: 'no more' } });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('that nobody knows, or that has ended, takes nothing', async () => {
    const here = processOn(memoryJournal());
    const { result, cancel } = await waiting(here);
    cancel();
    await done(result);
    for (const [runId, code] of [
      ['letter', 'RUN_ENDED'],
      ['nobody', 'RUN_UNKNOWN'],
    ] as const) {
      await expect(here.engine.signal(runId, 'approve', { by: 'ann' })).rejects.toMatchObject({ code });
      await expect(here.engine.answer(runId, { type: 'approve' })).rejects.toMatchObject({ code });
      await expect(here.engine.cancel(runId)).rejects.toMatchObject({ code });
    }
  });

  test('is cancelled while it waits for a place, not once it has one', async () => {
    const engine = createEngine({ gateway: scriptedGateway(), clock, maxActiveRuns: 1 });
    const first = engine.start(oneStep(hanging()), null, { runId: 'first' });
    const second = engine.start(oneStep(hanging()), null, { runId: 'second' });
    await clock.advance(1);
    expect(await engine.cancel('second', 'no more')).toBe('taken');
    expect(await second.result).toMatchObject({ status: 'cancelled', error: { message: 'no more' } });
    expect(await engine.cancel('first')).toBe('taken');
    expect(await done(first.result)).toMatchObject({ status: 'cancelled' });
  });

  test('hears of what another engine on the same journal in memory says', async () => {
    const here = processOn(memoryJournal());
    const { result } = await waiting(here);
    expect(await processOn(here.journal).engine.cancel('letter')).toBe('posted');
    expect(await done(result)).toMatchObject({ status: 'cancelled' });
  });
});

describe('a run of another process', () => {
  test('takes a signal within 250 ms, once', async () => {
    const owner = another();
    const other = another();
    const sent: string[] = [];
    const { result } = await waiting(owner, sent);
    const say = (name: string, payload: unknown, id: string) =>
      done(other.engine.signal('letter', name, payload, { id }));
    expect(await say('approve', { by: 'ann' }, 'm1')).toBe('posted');
    expect(await say('approve', { by: 'bob' }, 'm1')).toBe('repeated');
    const postedMs = clock.nowMs();
    await clock.advance(250);
    expect((await owner.journal.load('letter'))?.heard).toEqual(['m1']);
    expect(clock.nowMs() - postedMs).toBe(250);
    expect(await owner.journal.inbox.collect()).toEqual([]);
    expect(await say('approve', { by: 'bob' }, 'm1')).toBe('repeated');
    expect(await say('confirm', null, 'm2')).toBe('posted');
    expect(await done(result)).toMatchObject({ status: 'succeeded', output: { by: 'ann' } });
    expect(owner.refused).toEqual([]);
  });

  test('is cancelled within 250 ms, and its step aborted', async () => {
    const owner = another();
    let abortedMs = 0;
    const step = hanging({ onAbort: () => (abortedMs = clock.nowMs()) });
    const { result } = owner.engine.start(oneStep(step), null, { runId: 'run' });
    await clock.advance(1);
    expect(await done(another().engine.cancel('run', 'no more'))).toBe('posted');
    const postedMs = clock.nowMs();
    expect(await done(result)).toMatchObject({ status: 'cancelled', error: { message: 'no more' } });
    expect(abortedMs - postedMs).toBeLessThanOrEqual(250);
  });

  test('refuses what does not fit, says so, and is not asked again', async () => {
    const owner = another();
    const { result, cancel } = await waiting(owner);
    const { engine } = another();
    await done(engine.signal('letter', 'approve', { by: 7 }));
    await done(engine.answer('letter', { type: 'approve' }));
    await clock.advance(1_000);
    expect(owner.refused.map(({ code }) => code)).toEqual(['SIGNAL_INVALID', 'NOT_WAITING']);
    expect(await owner.journal.inbox.collect()).toEqual([]);
    cancel();
    await done(result);
  });
});

describe('a run that nobody works on', () => {
  test('takes what was said meanwhile when it is recovered', async () => {
    const gone = another();
    const { result } = await waiting(gone);
    result.catch(() => {});
    await done(gone.engine.close({ unfinished: 'leave' }));
    await gone.journal.close();
    const other = another();
    expect(await done(other.engine.signal('letter', 'approve', { by: 'ann' }))).toBe('posted');
    expect(await done(other.engine.signal('letter', 'confirm', null))).toBe('posted');
    await other.journal.close();
    const next = another();
    const { runs } = await done(next.engine.recover([approving({ sent: [] })]));
    expect(await done(runs[0]!.result)).toMatchObject({ status: 'succeeded', output: { by: 'ann' } });
  });

  test('begins nothing more if it was cancelled meanwhile', async () => {
    let begun = 0;
    const step = hanging({ onBegin: () => begun++ });
    const gone = another();
    gone.engine.start(oneStep(step), null, { runId: 'run' }).result.catch(() => {});
    await clock.advance(1);
    await done(gone.engine.close({ unfinished: 'leave' }));
    await gone.journal.close();
    await done(another().engine.cancel('run', 'no more'));
    const next = another();
    const { runs, left } = await done(next.engine.recover([oneStep(step)]));
    expect(left).toEqual([]);
    expect(await done(runs[0]!.result)).toMatchObject({ status: 'cancelled', error: { message: 'no more' } });
    expect(begun).toBe(1);
    expect(next.refused).toEqual([]);
  });
});

test('an engine without runs keeps no timer and no watch', async () => {
  const owner = another();
  const { result, cancel } = await waiting(owner);
  cancel();
  await done(result);
  // The journal's lease of its last run ends with the run.
  expect(clock.pendingTimers()).toBe(0);
});
