import { WIDE, WIDE_OUTPUT, WIDE_VISITS } from './wide-workflow.ts';
import { ONCE, VISITS } from './workflow.ts';
import type { Message } from './message.ts';

/** What was seen of a run by those who outlive every worker. */
interface Seen {
  acknowledged: boolean;
  /** How its worker said it ended; of a worker that died before, nothing. */
  ended?: { readonly status: string; readonly output: unknown };
  /** How often each deed was done, by step and key. */
  readonly deeds: Map<string, { readonly step: string; times: number }>;
}

/** How a run stands in the journal at the end. */
export interface Ended {
  readonly runId: string;
  readonly status: string;
  readonly output: unknown;
}

/** Promises that were broken, by name; each list holds what broke it. */
export interface Broken {
  /** Acknowledged, and not in the journal at the end. */
  readonly lost: readonly string[];
  /** In the journal, and not at an end. */
  readonly unended: readonly string[];
  /** Done again though the journal held their end. */
  readonly finishedStepsRunAgain: readonly string[];
  readonly onceEffectsRepeated: readonly string[];
  /** More pieces of work than the run has: a key that changed over a restart. */
  readonly keysChanged: readonly string[];
  /** In the journal at a kill, and gone later. */
  readonly completionsLost: readonly string[];
  /** Ended otherwise than its worker had said, or with another result than its steps give. */
  readonly wrongEnds: readonly string[];
}

const ALL_VISITS = Object.values(VISITS).reduce((sum, visits) => sum + visits, 0);

/**
 * The world in which the workers take effect. It is kept outside of them, only grows, and does not forgive a repetition: what it
 * counts twice was done twice.
 */
export class Ledger {
  deeds = 0;
  private readonly runs = new Map<string, Seen>();
  private readonly completed = new Set<string>();
  private readonly again: string[] = [];

  note(message: Message): void {
    if (message.type === 'deed') this.noteDeed(message);
    if (message.type === 'started') this.of(message.runId).acknowledged = true;
    if (message.type === 'ended') this.of(message.runId).ended = message;
  }

  /** Keys of the deeds whose completion a dead worker has left in the journal. */
  noteCompleted(keys: Iterable<string>): void {
    for (const key of keys) this.completed.add(key);
  }

  /** Runs that a worker has acknowledged. */
  get acknowledged(): number {
    return [...this.runs.values()].filter((run) => run.acknowledged).length;
  }

  /** @param completed keys of all deeds whose completion the journal holds now */
  broken(journal: readonly Ended[], completed: ReadonlySet<string>): Broken {
    const ends = new Map(journal.map((run) => [run.runId, run]));
    const runs = [...this.runs];
    const deeds = runs.flatMap(([runId, { deeds: done }]) =>
      [...done.values()].map((deed) => ({ runId, ...deed })),
    );
    return {
      lost: runs.filter(([runId, run]) => run.acknowledged && !ends.has(runId)).map(([runId]) => runId),
      unended: journal.filter(({ status }) => status === 'running').map(({ runId }) => runId),
      finishedStepsRunAgain: this.again,
      onceEffectsRepeated: deeds
        .filter(({ step, times }) => ONCE.has(step) && times > 1)
        .map(({ runId, step }) => `${runId} ${step}`),
      keysChanged: runs.flatMap(([runId, run]) =>
        stepsWithTooManyKeys(run).map((step) => `${runId} ${step}`),
      ),
      completionsLost: [...this.completed].filter((key) => !completed.has(key)),
      wrongEnds: runs.filter(([runId, run]) => isWrong(run, ends.get(runId))).map(([runId]) => runId),
    };
  }

  private noteDeed({ runId, step, key }: Extract<Message, { type: 'deed' }>): void {
    this.deeds++;
    if (this.completed.has(key)) this.again.push(`${runId} ${step}`);
    const { deeds } = this.of(runId);
    const deed = deeds.get(key);
    if (deed === undefined) deeds.set(key, { step, times: 1 });
    else deed.times++;
  }

  private of(runId: string): Seen {
    const known = this.runs.get(runId);
    if (known !== undefined) return known;
    const seen: Seen = { acknowledged: false, deeds: new Map() };
    this.runs.set(runId, seen);
    return seen;
  }
}

function stepsWithTooManyKeys({ deeds }: Seen): readonly string[] {
  return Object.entries({ ...VISITS, ...WIDE_VISITS })
    .filter(([step, visits]) => [...deeds.values()].filter((deed) => deed.step === step).length > visits)
    .map(([step]) => step);
}

function isWrong({ ended }: Seen, journal: Ended | undefined): boolean {
  if (journal === undefined) return false;
  const { runId, status, output } = journal;
  if (ended !== undefined && (ended.status !== status || ended.output !== output)) return true;
  // Only a step in doubt may lead elsewhere, and only to the end that is meant for it.
  const expected = runId.startsWith(WIDE) ? WIDE_OUTPUT : ALL_VISITS;
  return status === 'succeeded' ? output !== expected : status !== 'degraded';
}
