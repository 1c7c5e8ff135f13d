import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import type { EngineEvent } from '../events.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import { approving } from '../test-support/approving.ts';
import { scriptedGateway } from '../test-support/gateway.ts';

interface World {
  readonly clock: VirtualClock;
  readonly journal: JournalStore;
  readonly engine: Engine;
  readonly sent: string[];
  /** Starts a run and lets it come to where it waits. */
  begin(options?: { deadlineMs?: number }): Promise<ReturnType<typeof started>>;
}

const started = (engine: Engine, flow: ReturnType<typeof approving>, options = {}) =>
  engine.start(flow, { text: 'hello' }, { runId: 'letter', ...options });

function world(journal = memoryJournal(), clock = createVirtualClock()): World {
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock, replayCheck: true });
  const sent: string[] = [];
  const flow = approving({ sent });
  return {
    clock,
    journal,
    engine,
    sent,
    async begin(options) {
      const handle = started(engine, flow, options);
      await clock.advance(1);
      return handle;
    },
  };
}

test('a waiting state takes a signal, and the run goes on with its payload', async () => {
  const { clock, begin } = world();
  const handle = await begin();
  await expect(handle.signal('approve', { by: 'ann' })).resolves.toBe('taken');
  await clock.advance(1);
  await expect(handle.signal('confirm', null)).resolves.toBe('taken');
  expect(await handle.result).toMatchObject({ status: 'succeeded', output: { text: 'hello', by: 'ann' } });
});

test('a payload is recorded as its schema gives it back', async () => {
  const { clock, journal, begin } = world();
  const handle = await begin();
  await handle.signal('amend', { text: '  good day ' });
  const record = await journal.load('letter');
  expect(record?.snapshot).toMatchObject({ context: { text: 'good day' } });
  handle.cancel();
  await clock.run(handle.result);
});
