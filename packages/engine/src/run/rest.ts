import { deadlineIn, isResilienceError, retry } from '@paceline/resilience';
import { EngineError, isEngineError } from '../errors.ts';
import type { JournalStore } from '../journal/store.ts';
import type { RunRecord } from './record.ts';
import type { RunContext } from './step-run.ts';

/** How long a busy or failing disk is read again, in milliseconds: as long as one that takes no writes is waited for. */
const GIVE_UP_MS = 60_000;

const OFTEN = { attempts: 1_000, backoff: { baseMs: 5, capMs: 1_000 } };

export interface RestHost {
  readonly context: Pick<RunContext, 'clock' | 'random'>;
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
  private controller: AbortController | undefined;

  constructor(host: RestHost) {
    this.host = host;
  }

  /** Made when it is asked for: most runs never rest. */
  private get scope(): AbortController {
    return (this.controller ??= new AbortController());
  }

  get isOn(): boolean {
    return this.runId !== undefined;
  }

  begin(runId: string): void {
    this.runId = runId;
    this.host.rests(runId, true);
  }

  /** The record as the journal has it. A passing trouble of the disk is waited out. @throws EngineError whatever the journal throws */
  async read(): Promise<RunRecord> {
    const { journal, context } = this.host;
    const { clock, random } = context;
    const runId = this.runId as string;
    const { signal } = this.scope;
    const deadline = deadlineIn(clock, GIVE_UP_MS);
    const bounds = { ...OFTEN, clock, random, deadline, signal, shouldRetry: isPassing };
    const record = await retry(() => journal.load(runId), bounds).catch(readInVain);
    if (record !== undefined) return record;
    throw new EngineError('JOURNAL_FAILED', `Run ${runId} is no longer in the journal.`);
  }

  /** Nobody goes on with the run here: a read that is under way ends with `reason`. */
  stop(reason: Error): void {
    this.scope.abort(reason);
  }

  /** @returns the record, as `read` does */
  async end(): Promise<RunRecord> {
    this.host.rests(this.runId as string, false);
    const record = await this.read();
    this.runId = undefined;
    return record;
  }
}

/** The time was over while a read was under way. */
function readInVain(error: unknown): never {
  if (!isResilienceError(error)) throw error;
  throw new EngineError('JOURNAL_FAILED', 'The journal cannot be read: it does not answer.', error);
}

function isPassing(error: unknown): boolean {
  return isEngineError(error) && error.code === 'JOURNAL_FAILED';
}
