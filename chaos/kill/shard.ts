import { existsSync } from 'node:fs';
import type { Random } from '@paceline/resilience';
import { sqliteJournal } from 'paceline';
import { CommittedDeeds } from './committed.ts';
import { Ledger } from './ledger.ts';
import { pause } from './pause.ts';
import { startWorker } from './process.ts';
import type { Broken, Ended } from './ledger.ts';
import type { Job, Message } from './message.ts';

export interface ShardOptions {
  /** The journal's file; not there yet. */
  readonly path: string;
  readonly kills: number;
  readonly inFlight: number;
  readonly random: Random;
  readonly progress: (line: string) => void;
}

export interface ShardReport {
  readonly kills: number;
  /** Kills that met runs in flight. */
  readonly killsAtWork: number;
  readonly acknowledged: number;
  readonly deeds: number;
  readonly succeeded: number;
  /** Ended by way of a step in doubt. */
  readonly degraded: number;
  readonly broken: Broken;
}

/** Longest life of a worker from the moment it opens the journal; many die while they still recover. */
const LONGEST_LIFE_MS = 400;

/** Kills one worker after the other on the same file, lets the last one finish, and holds the ledger against the journal. */
export async function killOften(options: ShardOptions): Promise<ShardReport> {
  const { path, kills, inFlight, random, progress } = options;
  const ledger = new Ledger();
  const committed = new CommittedDeeds(path);
  let killsAtWork = 0;
  for (let kill = 0; kill < kills; kill++) {
    const job = { path, runs: null, inFlight, prefix: `life${kill}`, parked: false };
    if (await liveAndDie(job, { lifeMs: random.next() * LONGEST_LIFE_MS, ledger })) killsAtWork++;
    if (existsSync(path)) ledger.noteCompleted(committed.sinceLastLook());
    if ((kill + 1) % 20 === 0) progress(`${kill + 1} of ${kills} kills, ${ledger.deeds} deeds`);
  }
  await startWorker({ path, runs: 0, inFlight, prefix: 'last', parked: false }, (message) =>
    ledger.note(message),
  ).gone;

  const ends = await endsIn(path);
  const of = (status: string): number => ends.filter((run) => run.status === status && !isChild(run)).length;
  return {
    kills,
    killsAtWork,
    acknowledged: ledger.acknowledged,
    deeds: ledger.deeds,
    succeeded: of('succeeded'),
    degraded: of('degraded'),
    broken: ledger.broken(ends, committed.all()),
  };
}

/** Its parent is what counts. */
const isChild = ({ runId }: Ended): boolean => runId.includes('.');

/** @returns whether it died at work */
async function liveAndDie(
  job: Job,
  { lifeMs, ledger }: { readonly lifeMs: number; readonly ledger: Ledger },
): Promise<boolean> {
  const { promise: opening, resolve: opened } = Promise.withResolvers<void>();
  const unended = new Set<string>();
  const worker = startWorker(job, (message) => {
    ledger.note(message);
    follow(message, unended);
    if (message.type === 'opening') opened();
  });
  await Promise.race([opening, worker.gone]);
  await pause(lifeMs);
  worker.kill();
  await worker.gone;
  return unended.size > 0;
}

function follow(message: Message, unended: Set<string>): void {
  if (message.type === 'started' || message.type === 'deed') unended.add(message.runId);
  if (message.type === 'ended') unended.delete(message.runId);
}

/** All runs of the journal as it gives them out: what it holds to be damaged fails the command. */
async function endsIn(path: string): Promise<readonly Ended[]> {
  const journal = sqliteJournal({ path });
  try {
    const runs = await journal.list({});
    return await Promise.all(
      runs.map(async ({ runId, status }) => ({ runId, status, output: (await journal.load(runId))?.output })),
    );
  } finally {
    await journal.close();
  }
}
