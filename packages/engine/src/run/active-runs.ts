import type { GatewayEvents } from '@paceline/gateway';
import { AbortReason, timedId } from '@paceline/resilience';
import { EventEmitter } from 'eventemitter3';
import { isWorkflow } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { EngineError } from '../errors.ts';
import type { JournalInbox } from '../journal/inbox.ts';
import type { EngineEvent, EngineEvents } from '../events.ts';
import type { ActiveRun } from './active-run.ts';
import { Deliveries, postedCancel } from './deliveries.ts';
import { Bell } from './follow.ts';
import { attachChild, ORPHANED, stopChild } from './child/attach.ts';
import type { ChildHost } from './child/attach.ts';
import type { ChildOrder } from './child/contract.ts';
import type { Receipt, RunMessage } from './message.ts';
import type { AdmissionLimits } from './admission.ts';
import { Gate } from './gate.ts';
import type { RunOutcome } from './outcome.ts';
import { createProbes } from './probes.ts';
import type { RunSummary } from './record.ts';
import { forkRun } from './fork-run.ts';
import type { ForkOrder } from './fork-run.ts';
import { claimUnfinished } from './recover.ts';
import type { Claims, RecoverOptions, Recovered } from './recover.ts';
import { resumeRun, startRun } from './run.ts';
import type { RunHost, RunOptions, RunOrder } from './run-order.ts';

/** An order as the engine's caller gives it. */
export interface NewRun {
  readonly workflow: unknown;
  readonly input: unknown;
  readonly options: RunOptions;
  /** Told the run's events besides the engine's listeners. */
  readonly onEvent?: (event: EngineEvent) => void;
}

export interface NewFork extends Pick<ForkOrder, 'workflow' | 'point' | 'options'> {
  readonly onEvent?: NewRun['onEvent'];
}

export interface CloseOptions {
  /** How long runs in flight may go on, in milliseconds. @default 0 */
  readonly drainMs?: number;
  /** What becomes of those that have not ended by then. `leave` is for journals that outlive the process. @default 'cancel' */
  readonly unfinished?: 'cancel' | 'leave';
}

export interface StartedRun {
  readonly runId: string;
  /** @throws EngineError for misuse: `ENGINE_CLOSED`, `WORKFLOW_INVALID`, `RUN_EXISTS` */
  readonly result: Promise<RunOutcome<unknown>>;
  deliver(message: RunMessage): Promise<Receipt>;
  cancel(reason: AbortReason): void;
}

type AttemptEnd = GatewayEvents['attempt-end'][0];

/** The runs in flight of one engine: who is let in, who hears of them, how they are brought to an end. */
export class ActiveRuns {
  readonly events = new EventEmitter<EngineEvents>();
  /** Rings for each entry that becomes durable here. */
  readonly bell = new Bell();
  private readonly host: RunHost;
  private readonly active = new Map<string, ActiveRun>();
  private readonly deliveries: Deliveries;
  private readonly gate: Gate;
  private closed = false;

  /** @throws TypeError for limits that are none */
  constructor(host: Omit<RunHost, 'children' | 'probes' | 'recorded' | 'rests'>, limits: AdmissionLimits) {
    this.gate = new Gate(limits, host.clock);
    const begin: ChildHost = {
      journal: host.journal,
      find: (runId) => this.active.get(runId),
      start: (order) => this.startChild(order),
      resume: (recovered, inherited, signal) =>
        this.resumeChild(recovered, { options: signal === undefined ? {} : { signal }, inherited }),
    };
    this.host = {
      ...host,
      children: {
        attach: (order) => attachChild(order, begin),
        stop: (child) => stopChild(child, begin),
        read: (runId) => host.journal.load(runId),
      },
      probes: createProbes(host.clock),
      recorded: (runId) => this.bell.ring(runId),
      rests: (runId, isAtRest) => this.gate.places.rest(runId, isAtRest),
    };
    this.deliveries = new Deliveries(host.journal.inbox, (runId) => this.active.get(runId));
    host.gateway.events.on('attempt-end', this.relayAttempt);
  }

  start({ workflow, input, options, onEvent }: NewRun): StartedRun {
    const runId = options.runId ?? this.newId();
    if (!isWorkflow(workflow)) return refused(runId, notAWorkflow());
    const misuse = this.misuse(runId, options);
    if (misuse !== undefined) return refused(runId, misuse);

    const order = { runId, workflow, input, ...this.hearing(onEvent) };
    const begin = (deadlineMs: number) =>
      startRun({ ...order, options: { ...options, deadlineMs } }, this.host);
    return this.keep(runId, this.gate.begin({ runId, workflow, options, begin }));
  }

  /** @throws EngineError `FORK_INVALID`, `RUN_EXISTS` if this engine works on one of that id, `ENGINE_CLOSED` */
  fork(order: NewFork): StartedRun {
    const { workflow, point, options, onEvent } = order;
    const runId = options.runId ?? this.newId();
    const misuse = this.misuse(runId, options);
    if (misuse !== undefined) throw misuse;
    this.gate.places.enter(runId);
    return this.keep(
      runId,
      forkRun({ runId, workflow, point, options, ...this.hearing(onEvent) }, this.host),
    );
  }

  /** A run that this engine works on. */
  find(runId: string): ActiveRun | undefined {
    return this.active.get(runId);
  }

  /** Takes over the runs that nobody works on any more, page by page; each waits for its `resume`. */
  async *claim(workflows: readonly Workflow[], { runIds }: RecoverOptions): AsyncGenerator<Claims> {
    if (this.closed) throw new EngineError('ENGINE_CLOSED', 'The engine takes no further runs.');
    const asked = runIds && new Set(runIds);
    const isWanted = ({ runId, parentRunId = runId }: RunSummary) =>
      !this.active.has(runId) && (asked === undefined || asked.has(runId) || asked.has(parentRunId));
    const { journal } = this.host;
    for await (const { recovered, left } of claimUnfinished(journal, workflows, isWanted)) {
      for (const each of recovered) {
        if (each.isOrphan) this.resumeChild(each, { options: { signal: ORPHANED } }).result.catch(() => {});
      }
      const own = recovered.filter(({ isOrphan }) => !isOrphan);
      yield { recovered: await Promise.all(own.map((each) => withCancel(each, journal.inbox))), left };
    }
  }

  resume(recovered: Recovered, onEvent?: NewRun['onEvent']): StartedRun {
    const { cancelled } = recovered;
    const options =
      cancelled === undefined ? {} : { signal: AbortSignal.abort(new AbortReason('user', cancelled)) };
    const order = { ...resumed(recovered), options, ...this.hearing(onEvent) };
    this.gate.places.enter(recovered.record.runId);
    return this.keepResumed(recovered.record.runId, resumeRun(order, this.host));
  }

  private startChild({ labels, caller, limitMs, ...order }: ChildOrder): ActiveRun {
    const { runId } = order;
    if (this.active.has(runId)) throw new EngineError('RUN_EXISTS', `Run ${runId} is in flight already.`);
    const options = { labels, ...caller, deadlineMs: limitMs };
    const child = { ...order, options, inherited: order, ...this.hearing() };
    return this.keep(runId, startRun(child, this.host));
  }

  private resumeChild(recovered: Recovered, child: Pick<RunOrder, 'options' | 'inherited'>): ActiveRun {
    const order = { ...resumed(recovered), ...child, ...this.hearing() };
    return this.keepResumed(recovered.record.runId, resumeRun(order, this.host));
  }

  /** What was said to it while nobody worked on it is delivered now. */
  private keepResumed(runId: string, run: ActiveRun): ActiveRun & { readonly runId: string } {
    const kept = this.keep(runId, run);
    void this.deliveries.deliver();
    return kept;
  }

  private keep(runId: string, run: ActiveRun): ActiveRun & { readonly runId: string } {
    this.active.set(runId, run);
    this.deliveries.begin();
    const result = run.result.then(
      (outcome) => {
        this.letGo(runId);
        return outcome;
      },
      (error: unknown) => {
        this.letGo(runId);
        throw error;
      },
    );
    return {
      runId,
      result,
      tell: (event) => run.tell(event),
      deliver: (message) => run.deliver(message),
      cancel: (reason) => run.cancel(reason),
      leave: (reason) => run.leave(reason),
    };
  }

  private letGo(runId: string): void {
    this.active.delete(runId);
    this.gate.places.exit(runId);
    if (this.active.size === 0) this.deliveries.end();
  }

  /** Who hears of a run: its own listener and the engine's. */
  private hearing(onEvent?: NewRun['onEvent']) {
    return {
      isHeard: (type: EngineEvent['type']): boolean =>
        onEvent !== undefined || this.events.listenerCount(type) > 0,
      emit: (event: EngineEvent): void => {
        onEvent?.(event);
        this.emit(event);
      },
    };
  }

  /** Takes no further runs; gives those in flight `drainMs`, then cancels or leaves them and waits until they have come to rest. */
  async close({ drainMs = 0, unfinished = 'cancel' }: CloseOptions): Promise<void> {
    this.closed = true;
    this.gate.places.refuseWaiting();
    const { clock, gateway } = this.host;
    const patience = clock.setTimer(drainMs, () => {
      for (const [runId, run] of this.active) {
        if (unfinished === 'cancel') run.cancel(new AbortReason('shutdown', 'The engine was closed.'));
        else run.leave(new EngineError('ENGINE_CLOSED', `Run ${runId} was left unfinished for \`recover\`.`));
      }
    });
    await Promise.allSettled([...this.active.values()].map(({ result }) => result));
    patience.cancel();
    gateway.events.off('attempt-end', this.relayAttempt);
  }

  /** Runs are found by their ids: those that begin together stand together. */
  private newId(): string {
    const { random, clock } = this.host;
    return timedId(random, 'run', clock.epochMs());
  }

  private misuse(runId: string, { deadlineMs }: RunOptions): Error | undefined {
    if (this.closed) return new EngineError('ENGINE_CLOSED', 'The engine takes no further runs.');
    if (this.active.has(runId)) return new EngineError('RUN_EXISTS', `Run ${runId} is in flight already.`);
    if (deadlineMs !== undefined && !(deadlineMs > 0)) {
      return new TypeError(`Expected \`deadlineMs\` to be a number above 0, got ${String(deadlineMs)}`);
    }
    return undefined;
  }

  private readonly relayAttempt = ({ call, record }: AttemptEnd): void => {
    this.active.get(call.runId)?.tell({ type: 'attempt-end', step: call.step, record });
  };

  private emit(event: EngineEvent): void {
    try {
      (this.events as unknown as EventEmitter<Record<string, [EngineEvent]>>).emit(event.type, event);
    } catch (error) {
      // A listener's mistake is its owner's to hear of, and no reason for the run to fail.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function resumed({ workflow, record, fence, migrateFrom, lastEpochMs }: Recovered) {
  const claimed = { record, fence, ...(migrateFrom !== undefined && { migrateFrom }) };
  return { workflow, claimed, lastEpochMs };
}

async function withCancel(recovered: Recovered, inbox: JournalInbox): Promise<Recovered> {
  const cancelled = await postedCancel(inbox, recovered.record.runId);
  return cancelled === undefined ? recovered : { ...recovered, cancelled };
}

function refused(runId: string, error: Error): StartedRun {
  return { runId, result: Promise.reject(error), deliver: () => Promise.reject(error), cancel: () => {} };
}

function notAWorkflow(): EngineError {
  return new EngineError(
    'WORKFLOW_INVALID',
    'That is no workflow: make one with setupWorkflow(...).createMachine(...).',
  );
}
