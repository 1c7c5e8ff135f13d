import { EngineError } from '../../errors.ts';
import type { Batch } from '../store.ts';
import { genesisOf } from './damage.ts';
import { linkOf } from './entries.ts';
import type { Link } from './entries.ts';
import { keep, stored } from './payload.ts';
import type { Statements } from './statements.ts';
import { startOf, transitionOf } from './transition.ts';
import type { Transition } from './transition.ts';

/** Where a run stands in the file. */
export interface RunPlace extends Link {
  readonly run: number;
  /** Of the entries that stand in the run's row, in characters. */
  readonly tail: number;
}

/**
 * A row with more than this no longer fits on one page (of 4,096 bytes) together with an entry or two; its entries are then moved to a
 * segment of their own. In characters.
 */
const LONGEST_ROW = 3_500;

/** Where the state alone is long, a segment holds at least this much, in characters. */
const SHORTEST_SEGMENT = 1_000;

/** Writes runs. What can be made ready before the transaction is; what is returned then writes into the one that is open. */
export class RunWriter {
  private readonly sql: Statements;
  private readonly maxValueBytes: number;

  constructor(sql: Statements, maxValueBytes: number) {
    this.sql = sql;
    this.maxValueBytes = maxValueBytes;
  }

  /**
   * The first entry of a run. What is returned throws EngineError `RUN_EXISTS`.
   * @throws EngineError `VALUE_TOO_LARGE`
   */
  begin(batch: Batch, owner: number): () => RunPlace {
    const { runId, workflowId, startedEpochMs, parent } = batch.record;
    const start = startOf(batch, this.maxValueBytes);
    const first = transitionOf(batch, this.maxValueBytes);
    const genesis = genesisOf({ runId, workflowId, startedEpochMs, start });
    return () => {
      const { changes, lastInsertRowid } = this.sql.insertRun.run(
        runId,
        workflowId,
        startedEpochMs,
        parent?.runId ?? null,
        stored(start, this.sql),
      );
      if (changes === 0) throw new EngineError('RUN_EXISTS', `Run ${runId} exists already.`);
      const run = Number(lastInsertRowid);
      const { seq, status, endedEpochMs, state, entry } = first;
      const chain = linkOf(genesis, seq, entry);
      this.sql.insertState.run(run, seq, owner, status, endedEpochMs, chain, state, entry);
      this.keepApart(run, first);
      return { run, seq, chain, tail: entry.length };
    };
  }

  /**
   * A run's next entry. What is returned gives nothing, and changes nothing, if the run stands elsewhere or is no longer owned in this epoch.
   * @throws EngineError `VALUE_TOO_LARGE`
   */
  advance(batch: Batch, epoch: number): (from: RunPlace) => RunPlace | undefined {
    const next = transitionOf(batch, this.maxValueBytes);
    const { seq, status, endedEpochMs, state, entry } = next;
    return ({ run, chain: before, tail }) => {
      const chain = linkOf(before, seq, entry);
      const seals = tail >= SHORTEST_SEGMENT && tail + state.length > LONGEST_ROW;
      // Of the same row, and under the same conditions, as the update after it.
      if (seals) this.sql.seal.run(seq, run, epoch);
      const { goOn, end } = seals ? this.sql.advanceSealed : this.sql.advance;
      const { changes } =
        status === 'running'
          ? goOn.run(seq, state, run, epoch, entry, chain)
          : end.run(seq, state, run, epoch, entry, chain, status, endedEpochMs);
      if (changes === 0) return undefined;
      this.keepApart(run, next);
      return { run, seq, chain, tail: seals ? entry.length : tail + entry.length };
    };
  }

  private keepApart(run: number, { base, longEvent }: Transition): void {
    if (base !== undefined) keep(base, this.sql);
    if (longEvent === undefined) return;
    keep(longEvent, this.sql);
    this.sql.insertUse.run(run, Buffer.from(longEvent.key, 'hex'));
  }
}
