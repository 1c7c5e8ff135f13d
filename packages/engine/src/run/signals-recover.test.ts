import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../engine.ts';
import type { RunHandle } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import type { JournalStore } from '../journal/store.ts';
import { approving } from '../test-support/approving.ts';
import { scriptedGateway } from '../test-support/gateway.ts';

/** A journal that outlives the engines on it. */
interface Place {
  open(clock: VirtualClock): JournalStore;
}

function inMemory(): Place {
  const journal = memoryJournal();
  return { open: () => journal };
}

function inFile(): Place {
  const path = join(mkdtempSync(join(tmpdir(), 'paceline-signals-')), 'runs.db');
  onTestFinished(() => rmSync(dirname(path), { recursive: true }));
  return { open: (clock) => sqliteJournal({ path, clock }) };
}

describe.each([
  ['memory', inMemory],
  ['SQLite', inFile],
] as const)('signals over a restart, %s', (name, place) => {
  /** One process after the other on the same journal; each leaves its runs to the next. */
  function lives() {
    const clock = createVirtualClock();
    const { open } = place();
    const flow = approving({ sent: [] });
    const live = async <T>(life: (handle: RunHandle<unknown>) => Promise<T>): Promise<T> => {
      const journal = open(clock);
      const engine = createEngine({ gateway: scriptedGateway(), journal, clock, replayCheck: true });
      const { runs } = await clock.run(engine.recover([flow]));
      const handle: RunHandle<unknown> =
        runs[0] ?? engine.start(flow, { text: 'hello' }, { runId: 'letter' });
      handle.result.catch(() => {});
      try {
        return await life(handle);
      } finally {
        await clock.run(engine.close({ unfinished: 'leave' }));
        if (name === 'SQLite') await journal.close();
      }
    };
    return { clock, live };
  }

  test('a waiting state takes one after it, and what had waited is still there when it is wanted', async () => {
    const { clock, live } = lives();
    await live(async (handle) => {
      expect(await clock.run(handle.signal('confirm', null, { id: 'early' }))).toBe('waiting');
    });
    await live(async (handle) => {
      expect(await clock.run(handle.signal('approve', { by: 'ann' }))).toBe('taken');
      expect(await clock.run(handle.result)).toMatchObject({ status: 'succeeded', output: { by: 'ann' } });
    });
  });

  test('one that was heard before it is not taken again after it', async () => {
    const { clock, live } = lives();
    await live(async (handle) => {
      await clock.run(handle.signal('confirm', null, { id: 'waits' }));
      await clock.run(handle.signal('amend', { text: 'first' }, { id: 'mail-1' }));
    });
    await live(async (handle) => {
      expect(await clock.run(handle.signal('amend', { text: 'second' }, { id: 'mail-1' }))).toBe('repeated');
      expect(await clock.run(handle.signal('confirm', null, { id: 'waits' }))).toBe('repeated');
      await clock.run(handle.signal('approve', { by: 'ann' }));
      expect(await clock.run(handle.result)).toMatchObject({ output: { text: 'first' } });
    });
  });

  test('the wait ends by its `after`, from when it began', async () => {
    const { clock, live } = lives();
    await live(() => clock.advance(10_000));
    await live(async (handle) => {
      expect(await clock.run(handle.result)).toMatchObject({ status: 'degraded', ms: 30_000 });
    });
  });
});
