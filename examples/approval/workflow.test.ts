import { createGateway } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createEngine, memoryJournal } from 'paceline';
import type { RunHandle } from 'paceline';
import { expect, test } from 'vitest';
import letters from './workflow.ts';

const DAY_MS = 86_400_000;

/** A letter that waits for approval, and whatever process works on it. */
function desk() {
  const clock = createVirtualClock();
  const gateway = createGateway({ roles: {}, clock });
  const journal = memoryJournal();
  const open = () => createEngine({ gateway, journal, clock });
  const engine = open();
  const letter = engine.start(letters, { to: 'a@example.com', text: 'Dear A' });
  return { clock, engine, open, letter };
}

test('a letter is sent when a person approves it, hours later and as amended', async () => {
  const { clock, letter } = desk();
  await clock.advance(5 * 3_600_000);
  await letter.signal('amend', { text: 'Dear Ann' });
  expect(await letter.signal('approve', { by: 'bob' }, { id: 'click-1' })).toBe('taken');
  expect(await clock.run(letter.result)).toMatchObject({
    status: 'succeeded',
    withinBudget: true,
    output: { sent: true, text: 'Dear Ann', by: 'bob' },
  });
  expect(await letter.signal('approve', { by: 'bob' }, { id: 'click-1' })).toBe('repeated');
});

test('it is kept when a person rejects it, and when nobody looks at it for a day', async () => {
  const rejected = desk();
  await rejected.letter.signal('reject', { by: 'bob' });
  const outcome = await rejected.clock.run(rejected.letter.result);
  expect(outcome).toMatchObject({ status: 'degraded', output: { sent: false, by: 'bob' } });

  const forgotten = desk();
  const end = await forgotten.clock.run(forgotten.letter.result);
  expect(end).toMatchObject({ status: 'degraded', output: { by: null }, ms: DAY_MS, withinBudget: true });
});

test('another process goes on waiting', async () => {
  const { clock, engine, open, letter } = desk();
  await letter.signal('amend', { text: 'Dear Ann' });
  letter.result.catch(() => {});
  await clock.run(engine.close({ unfinished: 'leave' }));
  await clock.advance(3_600_000);

  const [found] = (await open().recover([letters])).runs as readonly RunHandle<unknown>[];
  await found?.signal('approve', { by: 'bob' });
  expect(await clock.run(found!.result)).toMatchObject({ output: { sent: true, text: 'Dear Ann' } });
});
