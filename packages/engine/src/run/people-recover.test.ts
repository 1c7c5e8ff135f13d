import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../engine.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { oneStep } from '../test-support/one-step.ts';
import { acting, heard, payingTool, wanting } from '../test-support/people.ts';

/** A file that several processes use, one after the other. */
function sharedFile() {
  const path = join(mkdtempSync(join(tmpdir(), 'paceline-people-')), 'runs.db');
  onTestFinished(() => rmSync(dirname(path), { recursive: true }));
  const clock = createVirtualClock();
  const gateway = scriptedGateway(wanting(['call-1', 'pay', { amount: 5 }]), '{"receipt":"r1"}');
  return {
    clock,
    gateway,
    /** A process, until it is left. */
    open() {
      const journal = sqliteJournal({ path, clock });
      const engine = createEngine({ gateway, journal, clock, replayCheck: true });
      const leave = async () => {
        await clock.run(engine.close({ unfinished: 'leave' }));
        await journal.close();
      };
      return { journal, engine, leave };
    },
  };
}

test('a run that waits for a person is answered by another process, and again by a third', async () => {
  const { clock, gateway, open } = sharedFile();
  const paid: number[] = [];
  const hanging = payingTool(paid, {
    approval: 'required',
    toolMs: 50,
    run: () => new Promise<never>(() => {}),
  });
  const workflow = oneStep(acting({ pay: hanging }, { onUncertain: 'wait' }));

  const first = open();
  const asked = heard(first.engine, 'step-wait');
  first.engine.start(workflow, { text: 'go' }, { runId: 'run' }).result.catch(() => {});
  await clock.run(asked);
  const waiting = await first.journal.load('run');
  await first.leave();

  const second = open();
  expect(await second.journal.load('run')).toEqual(waiting);
  const still = heard(second.engine, 'step-wait');
  const { runs } = await clock.run(second.engine.recover([workflow]));
  runs[0]!.result.catch(() => {});
  // Whoever shows what is asked hears of it again.
  expect(await clock.run(still)).toMatchObject({ step: 'step', visit: 1, wait: { toolCallId: 'call-1' } });
  const inDoubt = heard(second.engine, 'step-wait');
  await clock.run(runs[0]!.answer({ type: 'approve', by: 'ada' }, { id: 'a1', toolCallId: 'call-1' }));
  expect(await clock.run(inDoubt)).toMatchObject({ wait: { type: 'uncertain' }, ms: 50 });
  await second.leave();

  const third = open();
  const recovered = await clock.run(third.engine.recover([workflow]));
  const [run] = recovered.runs;
  // The same click again, after two restarts.
  expect(await clock.run(run!.answer({ type: 'approve', by: 'ada' }, { id: 'a1' }))).toBe('repeated');
  expect(await clock.run(run!.answer({ type: 'done', output: { id: 9 } }))).toBe('taken');
  const outcome = await clock.run(run!.result);
  expect(outcome).toMatchObject({ ok: true, output: { receipt: 'r1' }, steps: [{ ok: true, ms: 50 }] });
  expect(gateway.requests).toHaveLength(2);
  await third.leave();
});
