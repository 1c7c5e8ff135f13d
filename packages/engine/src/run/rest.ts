import { EngineError } from '../errors.ts';
import type { JournalStore } from '../journal/store.ts';
import type { RunRecord } from './record.ts';

export interface RestHost {
  readonly journal: Pick<JournalStore, 'load'>;
  /** Told when nothing works on the run any more, and when something does again. */
  readonly rests: (runId: string, isAtRest: boolean) => void;
}

/**
 * A run at rest: nothing works on it, only a timer or somebody outside can bring it on, perhaps in weeks. Its record is left to the journal until
 * then, so that a process can hold a hundred thousand of them.
 */
export class Rest {
  private readonly host: RestHost;
  private runId: string | undefined;

  constructor(host: RestHost) {
    this.host = host;
  }

  get isOn(): boolean {
    return this.runId !== undefined;
  }

  begin(runId: string): void {
    this.runId = runId;
    this.host.rests(runId, true);
  }

  /** The record as the journal has it. @throws EngineError whatever the journal throws */
  async read(): Promise<RunRecord> {
    const record = await this.host.journal.load(this.runId as string);
    if (record !== undefined) return record;
    throw new EngineError('JOURNAL_FAILED', `Run ${this.runId} is no longer in the journal.`);
  }

  /** @returns the record, as `read` does */
  async end(): Promise<RunRecord> {
    this.host.rests(this.runId as string, false);
    const record = await this.read();
    this.runId = undefined;
    return record;
  }
}
