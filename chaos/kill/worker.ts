import { writeSync } from 'node:fs';
import { systemClock, systemRandom } from '@paceline/resilience';
import { createEngine, createGateway, sqliteJournal } from 'paceline';
import { chainIn, parkedChainIn } from './workflow.ts';
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
const waiting = parkedChainIn(world);

say({ type: 'opening' });
const openedMs = systemClock.nowMs();
const journal = sqliteJournal({ path });
const engine = createEngine({ gateway: createGateway({ roles: {} }), journal });
engine.events.on('run-start', ({ runId }) => say({ type: 'started', runId }));
engine.events.on('run-end', ({ runId, outcome }) =>
  say({ type: 'ended', runId, status: outcome.status, output: outcome.ok ? outcome.output : outcome.error }),
);

const { runs: found, left } = await engine.recover([chain, waiting]);
say({
  type: 'recovered',
  runs: found.length,
  left: left.length,
  ms: systemClock.nowMs() - openedMs,
});

let started = 0;
/** One after the other: first one that was found, if there is one, then new ones. */
async function lane(at: number): Promise<void> {
  await found[at]?.result;
  for (;;) {
    if (most !== null && started >= most) return;
    const runId = `${prefix}-${started++}`;
    await engine.run(parked ? waiting : chain, { runId }, { runId });
  }
}
const lanes = Array.from({ length: Math.max(inFlight, found.length) }, (_, at) => lane(at));
await Promise.all(lanes);
await engine.close();
await journal.close();
say({ type: 'rested' });
