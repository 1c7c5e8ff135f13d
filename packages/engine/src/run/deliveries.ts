import { ENGINE_ERRORS, isEngineError } from '../errors.ts';
import type { EngineError } from '../errors.ts';
import type { JournalInbox, Posted } from '../journal/inbox.ts';
import type { ActiveRun } from './active-run.ts';

/** Brings what was posted in the journal to the runs of this engine, and settles what they have taken or refused. */
export class Deliveries {
  private readonly inbox: JournalInbox;
  private readonly find: (runId: string) => ActiveRun | undefined;
  private stop: (() => void) | undefined;
  private isBusy = false;
  private isCalled = false;

  constructor(inbox: JournalInbox, find: (runId: string) => ActiveRun | undefined) {
    this.inbox = inbox;
    this.find = find;
  }

  /** Delivers whatever comes until `end`. */
  begin(): void {
    this.stop ??= this.inbox.watch(() => void this.deliver());
  }

  end(): void {
    this.stop?.();
    this.stop = undefined;
  }

  /** Delivers what is there. Never rejects: the journal's trouble is met by the runs themselves, and what was not settled comes again. */
  async deliver(): Promise<void> {
    this.isCalled = true;
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      while (this.isCalled) {
        this.isCalled = false;
        const settled = await this.round();
        // There may be more than one round takes.
        this.isCalled ||= settled > 0;
      }
    } catch {
      // The next look at the inbox tries again.
    } finally {
      this.isBusy = false;
    }
  }

  private async round(): Promise<number> {
    const byRun = Map.groupBy(await this.inbox.collect(), ({ runId }) => runId);
    const settled = await Promise.all([...byRun].map(([runId, posted]) => this.bring(runId, posted)));
    return settled.reduce((sum, each) => sum + each, 0);
  }

  /** One after the other, as they were said. @returns how many need not come again */
  private async bring(runId: string, posted: readonly Posted[]): Promise<number> {
    const run = this.find(runId);
    if (run === undefined) return 0;
    const settled: string[] = [];
    for (const each of posted) if (await hand(run, each)) settled.push(each.id);
    if (settled.length > 0) await this.inbox.settle(runId, settled);
    return settled.length;
  }
}

/** @returns whether the run is done with it */
async function hand(run: ActiveRun, posted: Posted): Promise<boolean> {
  const { id } = posted;
  if ('problem' in posted) {
    run.tell({ type: 'message-refused', id, failure: { code: 'JOURNAL_DAMAGED', message: posted.problem } });
    return true;
  }
  try {
    await run.deliver(posted.message);
    return true;
  } catch (error) {
    if (!isEngineError(error) || mayStillBeTaken(error)) return false;
    // Cancelled twice, or too late: nothing that anybody has to hear of.
    if (error.code === 'RUN_ENDED' && posted.message.type === 'cancel') return true;
    run.tell({ type: 'message-refused', id, failure: { code: error.code, message: error.message } });
    return true;
  }
}

/** Here later, or by the run's next owner. */
function mayStillBeTaken({ code }: EngineError): boolean {
  return code === 'FENCED' || ENGINE_ERRORS[code].retryable;
}

/** Why a run was cancelled while nobody worked on it, if it was: nothing of it is to begin again. */
export async function postedCancel(inbox: JournalInbox, runId: string): Promise<string | undefined> {
  for (const posted of await inbox.collect(runId)) {
    if ('message' in posted && posted.message.type === 'cancel') return posted.message.reason;
  }
  return undefined;
}
