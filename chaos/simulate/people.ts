import { isEngineError } from 'paceline';
import type { Answer, PendingStep } from 'paceline';
import type { Life } from './life.ts';
import type { RunPlan } from './plan.ts';
import type { World } from './world.ts';

/** How often somebody looks whether a run wants something, in milliseconds. */
const LOOK_MS = 500;

/** Somebody who sees to one run through whichever process is there: says what it waits for, until it is heard. */
export async function attend(life: Life, world: World, run: RunPlan): Promise<void> {
  while (!life.isOver && !life.isDone && !world.ledger.hasEnded(run.runId)) {
    try {
      await say(life, world, run);
    } catch (error) {
      // Not there yet, not waiting any more, or nobody at home: he comes again.
      if (!isEngineError(error)) world.ledger.refused(life.number, run.runId, String(error));
    }
    await life.pause(LOOK_MS);
  }
}

async function say(life: Life, world: World, { runId, flow, cancelAtMs }: RunPlan): Promise<void> {
  const { ledger, clock } = world;
  if (!ledger.acknowledged.has(runId)) return;
  for (const signal of life.flows[flow]?.signals ?? []) {
    const id = `${runId} ${signal}`;
    if (ledger.heard.has(id)) continue;
    const receipt = await life.engine.signal(runId, signal, { by: 'ann' }, { id });
    ledger.hear(id, receipt);
  }
  if (cancelAtMs !== null && clock.nowMs() >= cancelAtMs && !ledger.heard.has(`${runId} cancel`)) {
    ledger.hear(`${runId} cancel`, await life.engine.cancel(runId, 'It is not wanted any more.'));
  }
  const record = await life.journal.load(runId);
  for (const pending of Object.values(record?.pending ?? {})) await decide(life, world, { runId, pending });
}

/** Allows what a model wants, and looks what has become of work in doubt. */
async function decide(
  life: Life,
  world: World,
  { runId, pending }: { readonly runId: string; readonly pending: PendingStep },
): Promise<void> {
  const { wait, step, token } = pending;
  if (wait === undefined) return;
  const { toolCallId } = wait;
  const deed = world.ledger.deeds.findLast(
    (each) => each.runId === runId && each.step === step && each.effect === 'once',
  );
  const found: Answer =
    deed === undefined
      ? { type: 'failed', reason: 'It was not done.' }
      : { type: 'done', output: { key: deed.key } };
  const answer: Answer = wait.type === 'approval' ? { type: 'approve', by: 'ann' } : found;
  const id = `${token} ${toolCallId ?? ''}`;
  const receipt = await life.engine.answer(runId, answer, {
    id: id.slice(-200),
    step,
    ...(toolCallId !== undefined && { toolCallId }),
  });
  world.ledger.hear(id, receipt);
}
