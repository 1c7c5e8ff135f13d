import { createHash } from 'node:crypto';
import { readStepToken } from 'paceline';
import type { CallIdentity } from '@paceline/gateway';
import type { Delivery, Effect, EngineEvent, JournalEntry, RunOutcome } from 'paceline';

/** A credential that nobody but a provider may ever see. */
export const CANARY = 'canary-credential';

/** What was done to the world, by which process. */
export interface Deed {
  readonly life: number;
  /** '' where the body is not told. */
  readonly runId: string;
  readonly step: string;
  readonly effect: Effect;
  readonly key: string;
  readonly atMs: number;
  /** Counted from 1 in each process. */
  readonly tries: number;
  /** Its completion was in the journal already. */
  readonly wasDone: boolean;
}

/** A model that was asked. */
export interface Ask {
  readonly life: number;
  /** Run, step and turn. */
  readonly what: string;
  readonly atMs: number;
  readonly wasAnswered: boolean;
}

/** An entry that was taken though another process had taken its run over. */
export interface StaleWrite {
  readonly life: number;
  readonly runId: string;
  readonly seq: number;
}

/** An event that a process told, and when. */
export interface Told {
  readonly life: number;
  readonly atMs: number;
  readonly event: EngineEvent;
}

export interface Ended {
  readonly life: number;
  readonly outcome: RunOutcome<unknown>;
}

export interface Refusal {
  readonly life: number;
  /** '' where it was no single run's. */
  readonly runId: string;
  readonly code: string;
}

/** From a process's birth until every run that nobody worked on was at work again. */
export interface Recovery {
  readonly life: number;
  readonly ms: number;
}

/** A turn number beyond which another visit's begin; the engine's own. */
const TURNS_PER_VISIT = 100;

/**
 * The world outside of every process: what took effect in it, what was told to callers and what is durable. It forgets nothing
 * and forgives no repetition.
 */
export class Ledger {
  readonly deeds: Deed[] = [];
  readonly asks: Ask[] = [];
  readonly told: Told[] = [];
  readonly staleWrites: StaleWrite[] = [];
  /** How runs ended, as callers were told; by several processes, if one was taken over in its last moment. */
  readonly ends: Ended[] = [];
  /** What callers were told instead of an end. */
  readonly refusals: Refusal[] = [];
  readonly recoveries: Recovery[] = [];
  /** Lines in which a credential was seen. */
  readonly leaks: string[] = [];
  /** Processes that died or were taken for dead. */
  crashes = 0;
  /** Some run would not end. */
  stuck = false;
  /** What people have said and been told that it was heard, by its id. */
  readonly heard = new Map<string, Delivery>();
  /** Runs that were acknowledged to their callers. */
  readonly acknowledged = new Set<string>();
  private readonly done = new Set<string>();
  private readonly answered = new Set<string>();
  private readonly owners = new Map<string, number>();
  private readonly turns = new Map<string, number>();
  private readonly trace = createHash('sha256');

  private readonly onLine: ((line: string) => void) | undefined;

  constructor(onLine?: (line: string) => void) {
    this.onLine = onLine;
  }

  /** The same for two simulations in which the same happened in the same order. */
  hash(): string {
    return this.trace.copy().digest('hex').slice(0, 16);
  }

  note(line: unknown): void {
    const text = JSON.stringify(line);
    if (text.includes(CANARY)) this.leaks.push(text);
    this.onLine?.(text);
    this.trace.update(`${text}\n`);
  }

  ended(life: number, outcome: RunOutcome<unknown>): void {
    this.note({ life, outcome });
    this.ends.push({ life, outcome });
  }

  hasEnded(runId: string): boolean {
    return this.ends.some(({ outcome }) => outcome.runId === runId);
  }

  hear(id: string, delivery: Delivery): void {
    this.note({ id, delivery });
    this.heard.set(id, delivery);
  }

  refused(life: number, runId: string, code: string): void {
    this.note({ life, runId, code });
    this.refusals.push({ life, runId, code });
  }

  recovered(life: number, ms: number): void {
    this.note({ life, recoveredMs: ms });
    this.recoveries.push({ life, ms });
  }

  deed(deed: Omit<Deed, 'wasDone'>): void {
    this.note(deed);
    this.deeds.push({ ...deed, wasDone: this.done.has(deed.key) });
  }

  ask(life: number, atMs: number, { runId, step, turn }: CallIdentity): void {
    const what = `${runId}/${step}/${turn}`;
    this.note({ life, atMs, what });
    const visit = Math.floor(turn / TURNS_PER_VISIT) + 1;
    const wasAnswered = this.answered.has(what) || this.answered.has(`${runId}/${step} visit ${visit}`);
    this.asks.push({ life, atMs, what, wasAnswered });
  }

  tell(life: number, atMs: number, event: EngineEvent): void {
    this.note({ life, atMs, event });
    this.told.push({ life, atMs, event });
    if (event.type === 'run-start') this.acknowledged.add(event.runId);
  }

  took(life: number, runId: string): void {
    this.owners.set(runId, life);
  }

  /** An entry is in the journal. */
  recorded(life: number, { runId, seq, event }: JournalEntry): void {
    this.note({ life, runId, seq, event });
    if ((this.owners.get(runId) ?? life) !== life) this.staleWrites.push({ life, runId, seq });
    if (event.type === 'step-progress') this.progressed(runId, event);
    if (event.type !== 'step-done' && event.type !== 'step-failed') return;
    const { invokeId, visit } = readStepToken(runId, event.token);
    this.answered.add(`${runId}/${invokeId} visit ${visit}`);
    if (event.type === 'step-done') this.complete(event.output);
  }

  private progressed(runId: string, { token, progress }: EventOf<'step-progress'>): void {
    if (progress.type === 'tool-end') this.complete(progress.result);
    if (progress.type === 'item-end') this.complete(progress.output);
    if (progress.type !== 'turn') return;
    const turn = this.turns.get(token) ?? 0;
    this.turns.set(token, turn + 1);
    const { invokeId, visit } = readStepToken(runId, token);
    this.answered.add(`${runId}/${invokeId}/${turn + TURNS_PER_VISIT * (visit - 1)}`);
  }

  /** Bodies give back the key of their deed. */
  private complete(output: unknown): void {
    const key = (output as { readonly key?: unknown } | null | undefined)?.key;
    if (typeof key === 'string') this.done.add(key);
  }
}

type EventOf<Type extends JournalEntry['event']['type']> = Extract<
  JournalEntry['event'],
  { readonly type: Type }
>;
