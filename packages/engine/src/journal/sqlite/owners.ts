import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '@paceline/resilience';
import type { Fence } from '../../run/record.ts';
import type { Statements } from './statements.ts';

interface OwnerRow {
  readonly pid: number;
  readonly bornEpochMs: number;
  readonly host: string;
  readonly leaseUntilEpochMs: number;
}

/**
 * When this process began. A container that is started again gives its process the number of the one that died, often 1: the number
 * alone would make the dead one live on.
 */
const BORN_EPOCH_MS = performance.timeOrigin;

/** An owner without a row counts as dead too. */
const LONG_DEAD_MS = 24 * 60 * 60 * 1_000;

export interface OwnershipOptions {
  readonly statements: Statements;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** Writes with the next group. */
  readonly write: (apply: () => void) => Promise<void>;
}

/**
 * This process among those that share the file. A lease keeps a run with its owner while that is alive; it is politeness only. What makes a
 * stopped and continued owner harmless is the fence of each run, which no clock can break.
 */
export class Ownership {
  readonly id: number;
  private readonly statements: Statements;
  private readonly clock: Clock;
  private readonly leaseMs: number;
  private readonly write: OwnershipOptions['write'];
  /** Unfinished runs. */
  private readonly owned = new Set<string>();
  /** Epochs of runs that were given up here, as long as the file does not say so. */
  private readonly released = new Map<string, number>();
  private isTelling = false;
  private renewal: Timer | undefined;
  /** As far as it was asked for. */
  private leaseUntilEpochMs: number;

  constructor({ statements, clock, leaseMs, write }: OwnershipOptions) {
    this.statements = statements;
    this.clock = clock;
    this.leaseMs = leaseMs;
    this.write = write;
    statements.deleteDeadOwners.run(clock.epochMs() - LONG_DEAD_MS);
    this.leaseUntilEpochMs = clock.epochMs() + leaseMs;
    const row = statements.insertOwner.get(process.pid, BORN_EPOCH_MS, hostname(), this.leaseUntilEpochMs);
    this.id = (row as { owner: number }).owner;
  }

  /** Whether another process still works on what it owns. */
  isAlive(owner: number): boolean {
    if (owner === this.id) return false;
    const row = this.statements.owner.get(owner) as OwnerRow | undefined;
    if (row === undefined || row.leaseUntilEpochMs <= this.clock.epochMs()) return false;
    if (row.host !== hostname()) return true;
    return row.pid === process.pid ? row.bornEpochMs === BORN_EPOCH_MS : isRunning(row.pid);
  }

  /** The lease is renewed for as long as there is something to own; a process that owns nothing has no timer. */
  took(runId: string): void {
    this.owned.add(runId);
    if (this.owned.size > 1 || this.renewal !== undefined) return;
    this.renewal = this.clock.setTimer(this.untilRenewalMs(), () => {
      this.tell();
      this.renewal?.reset(this.leaseMs / 3);
    });
  }

  gaveUp(runId: string): void {
    this.owned.delete(runId);
    if (this.owned.size === 0) this.rest();
  }

  /** Whoever wants the run need not wait for this process to end. */
  release({ runId, epoch }: Fence): void {
    this.gaveUp(runId);
    this.released.set(runId, epoch);
    this.tell();
  }

  /** Tells the others that this process lives, and which runs it no longer works on. */
  private tell(): void {
    if (this.isTelling) return;
    this.isTelling = true;
    this.leaseUntilEpochMs = this.clock.epochMs() + this.leaseMs;
    let told: readonly [string, number][] = [];
    const written = this.write(() => {
      told = [...this.released];
      this.statements.renewOwner.run(this.leaseUntilEpochMs, this.id);
      for (const [runId, epoch] of told) this.statements.release.run(runId, epoch, this.id);
    });
    written
      .then(
        () => told.forEach(([runId]) => this.released.delete(runId)),
        // The disk's trouble, met by the runs themselves: the next renewal tells it again.
        () => {},
      )
      .finally(() => (this.isTelling = false));
  }

  rest(): void {
    this.renewal?.cancel();
    this.renewal = undefined;
  }

  /** Short runs that follow one another share a renewal: a third of the lease may be gone by then. Looked up on the wall clock, which may have jumped. */
  private untilRenewalMs(): number {
    const everyMs = this.leaseMs / 3;
    const goneMs = this.leaseMs - (this.leaseUntilEpochMs - this.clock.epochMs());
    return Math.min(Math.max(0, everyMs - goneMs), everyMs);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
