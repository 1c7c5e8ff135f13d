import { writeSync } from 'node:fs';
import { systemClock, systemRandom } from '@paceline/resilience';
import { createEngine, createGateway, sqliteJournal } from 'paceline';
import { WIDE, wideChainIn } from './wide-workflow.ts';
import { chainIn, parkedChainIn } from './workflow.ts';
import type { RunHandle } from 'paceline';
import type { Job, Message } from './message.ts';
import type { World } from './workflow.ts';

const { path, runs: most, inFlight, prefix, parked } = JSON.parse(process.argv[2] ?? '') as Job;

/** In the kernel's hands when it returns: a kill right after it does not take it back. */
const say = (message: Message): void => void writeSync(1, `${JSON.stringify(message)}\n`);

const world: World = {
  tell: (deed) => say({ type: 'deed', ...deed }),
  random: systemRandom,
  clock: systemClock,
};
const chain = chainIn(world);
const wide = wideChainIn(world);
const waiting = parkedChainIn(world);

say({ type: 'opening' });
const openedMs = systemClock.nowMs();
const journal = sqliteJournal({ path });
const engine = createEngine({ gateway: createGateway({ roles: {} }), journal });
engine.events.on('run-start', ({ runId, parentRunId }) => {
  if (parentRunId === undefined) say({ type: 'started', runId });
});
engine.events.on('run-end', ({ runId, outcome }) => {
  // A child run is its parent's to tell of.
  if (runId.includes('.')) return;
  say({ type: 'ended', runId, status: outcome.status, output: outcome.ok ? outcome.output : outcome.error });
});

const { runs: found, left } = await engine.recover([chain, wide, waiting]);
say({
  type: 'recovered',
  runs: found.length,
  left: left.length,
  ms: systemClock.nowMs() - openedMs,
});

let started = 0;
/** One after the other: first one that was found, if there is one, then new ones. */
async function lane(at: number): Promise<void> {
  const again = found[at];
  if (again !== undefined) await seenTo(again);
  for (;;) {
    if (most !== null && started >= most) return;
    const nth = started++;
    // Every third run is a wide one, where there is to be more than waiting.
    const isWide = !parked && nth % 3 === 2;
    const runId = isWide ? `${WIDE}-${prefix}-${nth}` : `${prefix}-${nth}`;
    if (isWide) await seenTo(engine.start(wide, { runId }, { runId }));
    else await engine.run(parked ? waiting : chain, { runId }, { runId });
  }
}

/** A run's end; a wide one needs a word first, said again by every process under one id. */
async function seenTo(run: RunHandle<unknown>): Promise<void> {
  if (run.runId.startsWith(WIDE)) {
    // It may have heard it in another life, and ended.
    await run.signal('go', { by: 'worker' }, { id: `${run.runId} go` }).catch(() => {});
  }
  await run.result;
}

const lanes = Array.from({ length: Math.max(inFlight, found.length) }, (_, at) => lane(at));
await Promise.all(lanes);
await engine.close();
await journal.close();
say({ type: 'rested' });
