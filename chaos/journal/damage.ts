import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { isEngineError, sqliteJournal } from 'paceline';
import { boot, copyJournal, startRun } from './process.ts';
import type { Random } from '@paceline/resilience';
import type { JournalEntry, RunRecord, SqliteJournal } from 'paceline';

export interface DamageReport {
  readonly mutations: number;
  /** Found by the journal: the file refused, or runs kept aside. */
  readonly detected: number;
  /** All runs were given out as they had been. */
  readonly harmless: number;
  /** A run given out as something that it never was, or quietly missing. */
  readonly wrong: readonly string[];
}

/** What was written of a run. */
interface Truth {
  readonly record: RunRecord;
  readonly entries: readonly JournalEntry[];
}

const FILES = ['', '-wal', '-shm', '.anchor'] as const;
const RUNS = 12;

/** Harms the files of a crashed process in one place at a time, and looks what the journal then gives out. */
export async function mutate(folder: string, mutations: number, random: Random): Promise<DamageReport> {
  const crashed = [join(folder, 'full-log.db'), join(folder, 'empty-log.db')] as const;
  const truth = await makeCrashes(...crashed);
  const report = { mutations, detected: 0, harmless: 0, wrong: [] as string[] };
  for (let at = 0; at < mutations; at++) {
    const from = crashed[at % 2] as string;
    const work = mkdtempSync(join(tmpdir(), 'paceline-mutated-'));
    try {
      const path = join(work, 'runs.db');
      copyJournal(from, path);
      const how = harm(path, random);
      const found = await examine(path, truth);
      if (found.wrong.length > 0) report.wrong.push(`${how}: ${found.wrong.join(', ')}`);
      else if (found.detected) report.detected++;
      else report.harmless++;
    } finally {
      rmSync(work, { recursive: true });
    }
  }
  return report;
}

/** Runs stopped at all stages: once with everything in the log, once with everything in the main file. */
async function makeCrashes(fullLog: string, emptyLog: string): Promise<ReadonlyMap<string, Truth>> {
  const clock = createVirtualClock();
  const path = `${fullLog}.live`;
  const process = boot({ path, clock, deeds: [] });
  for (let run = 0; run < RUNS; run++) {
    void startRun(process, `run-${run}`);
    await clock.advance(10);
  }
  copyJournal(path, fullLog);
  const truth = new Map<string, Truth>();
  for (const { runId } of await process.journal.list({})) {
    const record = (await process.journal.load(runId)) as RunRecord;
    truth.set(runId, { record, entries: await entriesOf(process.journal, runId) });
  }
  copyJournal(fullLog, emptyLog);
  await sqliteJournal({ path: emptyLog, clock: createVirtualClock() }).close();
  await clock.run(process.engine.close());
  await process.journal.close();
  return truth;
}

/** A flipped bit, a lost end, or a sector of zeros. */
function harm(path: string, random: Random): string {
  const upTo = (limit: number): number => Math.floor(random.next() * limit);
  const there = FILES.filter((end) => existsSync(path + end) && readFileSync(path + end).length > 0);
  const file = `${path}${there[upTo(there.length)]}`;
  const bytes = readFileSync(file);
  const at = upTo(bytes.length);
  const kind = upTo(3);
  if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << upTo(8));
  if (kind === 1) bytes.fill(0, at, Math.min(at + 512, bytes.length));
  writeFileSync(file, kind === 2 ? bytes.subarray(0, at) : bytes);
  return `${['bit', 'zeros', 'end'][kind]} at ${at} of ${file.slice(file.lastIndexOf('runs.db'))}`;
}

interface Found {
  readonly detected: boolean;
  readonly wrong: readonly string[];
}

async function examine(path: string, truth: ReadonlyMap<string, Truth>): Promise<Found> {
  let journal: SqliteJournal;
  try {
    journal = sqliteJournal({ path });
  } catch (error) {
    return verdictOn(error);
  }
  try {
    const looks = await Promise.all([...truth].map(([runId, wanted]) => look(journal, runId, wanted)));
    const missing = looks.filter((each) => each === 'missing').length;
    const told = journal.damaged().some(({ runId }) => runId === null);
    return {
      detected: looks.includes('detected') || missing > 0,
      wrong: [
        ...looks.filter((each) => each !== 'right' && each !== 'detected' && each !== 'missing'),
        ...(missing > 0 && !told ? [`${missing} runs are gone, and nobody says so`] : []),
      ],
    };
  } finally {
    await journal.close();
  }
}

async function look(journal: SqliteJournal, runId: string, { record, entries }: Truth): Promise<string> {
  try {
    const loaded = await journal.load(runId);
    if (loaded === undefined) return 'missing';
    if (!isDeepStrictEqual(loaded, record)) return `${runId} is another one`;
    return isDeepStrictEqual(await entriesOf(journal, runId), entries)
      ? 'right'
      : `${runId} has another past`;
  } catch (error) {
    const { detected, wrong } = verdictOn(error);
    return detected ? 'detected' : `${runId}: ${wrong.join()}`;
  }
}

function verdictOn(error: unknown): Found {
  const detected =
    isEngineError(error) && (error.code === 'JOURNAL_DAMAGED' || error.code === 'JOURNAL_UNUSABLE');
  return { detected, wrong: detected ? [] : [String(error)] };
}

async function entriesOf(journal: SqliteJournal, runId: string): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of journal.entries(runId)) entries.push(entry);
  return entries;
}
