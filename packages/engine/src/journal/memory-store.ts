import { EngineError } from '../errors.ts';
import type { Fence, JournalEntry, RunRecord, RunSummary } from '../run/record.ts';
import type { JournalStore } from './store.ts';

export interface MemoryJournalOptions {
  /** Ended runs that are kept; beyond it the one that ended first is forgotten. Minimum 0. @default 1_000 */
  readonly retainRuns?: number;
}

interface StoredRun {
  record: RunRecord;
  epoch: number;
  readonly entries: JournalEntry[];
}

/**
 * A journal that forgets everything when the process ends. Values are kept as they are given, not copied: nobody may
 * change a batch after handing it over.
 */
export function memoryJournal({ retainRuns = 1_000 }: MemoryJournalOptions = {}): JournalStore {
  const runs = new Map<string, StoredRun>();
  /** In the order they ended. */
  const ended = new Set<string>();

  const retire = (runId: string): void => {
    ended.add(runId);
    for (const oldest of ended) {
      if (ended.size <= retainRuns) return;
      ended.delete(oldest);
      runs.delete(oldest);
    }
  };

  return {
    async create({ entry, record }) {
      const { runId } = record;
      if (runs.has(runId)) throw new EngineError('RUN_EXISTS', `Run ${runId} exists already.`);
      runs.set(runId, { record, epoch: 1, entries: [entry] });
      if (record.status !== 'running') retire(runId);
      return { runId, epoch: 1 };
    },

    async commit(fence, { entry, record }) {
      const run = runs.get(fence.runId);
      if (run === undefined || !owns(fence, run) || entry.seq !== run.record.seq + 1) {
        throw new EngineError(
          'FENCED',
          `Run ${fence.runId} has another owner, or is past entry ${entry.seq}.`,
        );
      }
      run.record = record;
      run.entries.push(entry);
      if (record.status !== 'running') retire(fence.runId);
    },

    async load(runId) {
      return runs.get(runId)?.record;
    },

    async *entries(runId, fromSeq = 1) {
      // By index, so that a reader may follow a run that is still being written.
      const entries = runs.get(runId)?.entries ?? [];
      for (let at = fromSeq - 1; at < entries.length; at++) yield entries[at] as JournalEntry;
    },

    async claim(runId) {
      const run = runs.get(runId);
      if (run === undefined || run.record.status !== 'running') return undefined;
      run.epoch++;
      return { record: run.record, fence: { runId, epoch: run.epoch } };
    },

    async list({ unfinished = false, limit = Number.POSITIVE_INFINITY }) {
      const found: RunSummary[] = [];
      for (const { record } of runs.values()) {
        if (found.length >= limit) break;
        if (!unfinished || record.status === 'running') found.push(summary(record));
      }
      return found;
    },

    async close() {
      runs.clear();
      ended.clear();
    },
  };
}

const owns = (fence: Fence, run: StoredRun): boolean => fence.epoch === run.epoch;

function summary({ runId, workflowId, status, seq, startedEpochMs }: RunRecord): RunSummary {
  return { runId, workflowId, status, seq, startedEpochMs };
}
