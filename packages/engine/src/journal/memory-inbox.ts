import { hasHeard } from '../run/heard.ts';
import type { RunMessage } from '../run/message.ts';
import type { RunRecord } from '../run/record.ts';
import { mailboxFull, MAX_MESSAGES, messageText } from './inbox.ts';
import type { JournalInbox, Posted, PostResult } from './inbox.ts';

/** Messages in one process: whoever watches hears of them in the same turn. */
export class MemoryInbox implements JournalInbox {
  private readonly recordOf: (runId: string) => RunRecord | undefined;
  /** In the order they were posted. */
  private readonly posted = new Set<Extract<Posted, { readonly message: RunMessage }>>();
  private readonly watchers = new Set<() => void>();

  constructor(recordOf: (runId: string) => RunRecord | undefined) {
    this.recordOf = recordOf;
  }

  async post(runId: string, message: RunMessage): Promise<PostResult> {
    messageText(runId, message);
    const { id } = message;
    const record = this.recordOf(runId);
    if (record === undefined) return 'unknown';
    const waiting = this.waitingFor(runId);
    if (waiting.some((each) => each.id === id) || hasHeard(record, id)) return 'repeated';
    if (record.status !== 'running') return 'ended';
    if (waiting.length >= MAX_MESSAGES) throw mailboxFull(runId);
    this.posted.add({ runId, id, message });
    for (const onPost of this.watchers) onPost();
    return 'posted';
  }

  async collect(runId?: string): Promise<readonly Posted[]> {
    return runId === undefined ? [...this.posted] : this.waitingFor(runId);
  }

  async settle(runId: string, ids: readonly string[]): Promise<void> {
    for (const each of this.waitingFor(runId)) if (ids.includes(each.id)) this.posted.delete(each);
  }

  watch(onPost: () => void): () => void {
    this.watchers.add(onPost);
    return () => void this.watchers.delete(onPost);
  }

  /** The run has ended. */
  forget(runId: string): void {
    for (const each of this.waitingFor(runId)) this.posted.delete(each);
  }

  private waitingFor(runId: string) {
    return [...this.posted].filter((each) => each.runId === runId);
  }
}
