import { EngineError } from '../errors.ts';
import type { Fence, JournalEntry, Parent, RunRecord, RunSummary } from '../run/record.ts';
import { MemoryInbox } from './memory-inbox.ts';
import type { Batch, ClaimedRun, JournalStore, RunFilter, Shapes } from './store.ts';

export interface MemoryJournalOptions {
  /** Ended runs that are kept; beyond it the one that ended first is forgotten. Minimum 0. @default 1_000 */
  readonly retainRuns?: number;
}

interface StoredRun {
  readonly position: number;
  record: RunRecord;
  epoch: number;
  readonly entries: JournalEntry[];
}

/**
 * A journal that forgets everything when the process ends. Values are kept as they are given, not copied: nobody may
 * change a batch after handing it over.
 */
export function memoryJournal(options: MemoryJournalOptions = {}): JournalStore {
  return new MemoryJournal(options.retainRuns ?? 1_000);
}

class MemoryJournal implements JournalStore {
  readonly shapes = memoryShapes();
  readonly inbox: MemoryInbox;
  private readonly runs = new Map<string, StoredRun>();
  /** In the order they ended. */
  private readonly ended = new Set<string>();
  /** Ended children of unfinished runs, by their parent. */
  private readonly awaited = new Map<string, Set<string>>();
  private readonly retainRuns: number;
  private created = 0;

  constructor(retainRuns: number) {
    this.retainRuns = retainRuns;
    this.inbox = new MemoryInbox((runId) => this.runs.get(runId)?.record);
  }

  async create({ entry, record }: Batch): Promise<Fence> {
    const { runId } = record;
    if (this.runs.has(runId)) throw new EngineError('RUN_EXISTS', `Run ${runId} exists already.`);
    this.runs.set(runId, { position: ++this.created, record, epoch: 1, entries: [entry] });
    this.forgetOldest(record);
    return { runId, epoch: 1 };
  }

  async commit({ runId, epoch }: Fence, { entry, record }: Batch): Promise<void> {
    const run = this.runs.get(runId);
    const isNext = run !== undefined && entry.runId === runId && entry.seq === run.record.seq + 1;
    if (!isNext || run.epoch !== epoch) {
      throw new EngineError('FENCED', `Entry ${entry.seq} of run ${entry.runId} is not its owner's next.`);
    }
    run.record = record;
    run.entries.push(entry);
    this.forgetOldest(record);
  }

  async load(runId: string): Promise<RunRecord | undefined> {
    return this.runs.get(runId)?.record;
  }

  async *entries(runId: string, fromSeq = 1): AsyncGenerator<JournalEntry> {
    for (const entry of this.runs.get(runId)?.entries.slice(fromSeq - 1) ?? []) yield entry;
  }

  async claim(runId: string): Promise<ClaimedRun | undefined> {
    const run = this.runs.get(runId);
    if (run === undefined || run.record.status !== 'running') return undefined;
    run.epoch++;
    const lastEpochMs = run.entries.at(-1)?.atEpochMs ?? run.record.startedEpochMs;
    return { record: run.record, fence: { runId, epoch: run.epoch }, lastEpochMs };
  }

  /** Nothing to do: runs of this journal have no owner to be waited for. */
  async release(): Promise<void> {}

  async list(filter: RunFilter): Promise<readonly RunSummary[]> {
    const { newestFirst = false, limit = Number.POSITIVE_INFINITY } = filter;
    const listed = [...this.runs.values()].filter((run) => isListed(run, filter));
    return (newestFirst ? listed.toReversed() : listed).slice(0, limit).map(summaryOf);
  }

  async close(): Promise<void> {
    this.runs.clear();
    this.ended.clear();
  }

  private forgetOldest({ runId, status, parent }: RunRecord): void {
    if (status === 'running') return;
    this.inbox.forget(runId);
    this.retire(runId, parent);
    for (const oldest of this.ended) {
      if (this.ended.size <= this.retainRuns) return;
      this.ended.delete(oldest);
      this.runs.delete(oldest);
    }
  }

  /** A child is kept as long as its parent may ask how it ended. */
  private retire(runId: string, parent: Parent | undefined): void {
    const isAwaited = parent !== undefined && this.runs.get(parent.runId)?.record.status === 'running';
    if (isAwaited) {
      const siblings = this.awaited.get(parent.runId) ?? new Set();
      this.awaited.set(parent.runId, siblings.add(runId));
    } else {
      this.ended.add(runId);
    }
    for (const child of this.awaited.get(runId) ?? []) this.ended.add(child);
    this.awaited.delete(runId);
  }
}

function memoryShapes(): Shapes {
  const shapes = new Map<string, string>();
  return {
    keep: (hash, shape) => void shapes.set(hash, shape),
    read: async (hash) => shapes.get(hash),
  };
}

function isListed({ position, record }: StoredRun, filter: RunFilter): boolean {
  const {
    unfinished = false,
    status,
    workflowId,
    idPrefix = '',
    parentRunId,
    newestFirst = false,
    beyond,
  } = filter;
  const { runId, status: its } = record;
  return (
    (!unfinished || its === 'running') &&
    (status === undefined || its === status) &&
    (workflowId === undefined || record.workflowId === workflowId) &&
    runId.startsWith(idPrefix) &&
    (parentRunId === undefined || (record.parent?.runId ?? null) === parentRunId) &&
    (beyond === undefined || (newestFirst ? position < beyond : position > beyond))
  );
}

function summaryOf({ position, record }: StoredRun): RunSummary {
  const { runId, workflowId, status, seq, startedEpochMs, parent } = record;
  const ofParent = parent === undefined ? {} : { parentRunId: parent.runId };
  return { position, runId, workflowId, status, seq, startedEpochMs, ...ofParent };
}
