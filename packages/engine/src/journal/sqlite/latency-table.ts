import { memoryLedger } from '@paceline/gateway';
import type { LatencyView, Ledger } from '@paceline/gateway';
import type { Clock } from '@paceline/resilience';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** As many as quantiles are taken from: what is older has been forgotten in memory too. */
const KEPT_SAMPLES = 512;

/** Beyond so many keys the one that was written longest ago is forgotten; a process holds no more in memory. */
const MOST_KEYS = 1_000;

/** How long samples wait for a transaction to go along with, in milliseconds. */
const WRITE_EVERY_MS = 5_000;

/**
 * Learned latencies in the journal's file. They never cause a transaction of their own: every few seconds the samples that have come in
 * go along with one that the runs make, and the last ones with the closing of the file. What a crash loses is learned again.
 *
 * Of each key the last 512 samples of all processes are kept: each adds its own to what the file holds at that moment. What
 * another process has learned is read once, when a key is first asked for.
 */
export class LatencyTable implements Omit<Ledger, 'spend'> {
  private readonly db: DatabaseSync;
  private readonly clock: Clock;
  private readonly read: StatementSync;
  private readonly write: StatementSync;
  private readonly forget: StatementSync;
  private memory = memoryLedger();
  private readonly known = new Set<string>();
  /** Not yet in the file. */
  private fresh = new Map<string, number[]>();
  /** Written by the transaction now open. */
  private leaving: ReadonlyMap<string, readonly number[]> = new Map();
  private writtenMs = Number.NEGATIVE_INFINITY;

  constructor(db: DatabaseSync, clock: Clock) {
    this.db = db;
    this.clock = clock;
    this.read = db.prepare('SELECT samples FROM latency WHERE key = ?');
    this.write = db.prepare(
      'INSERT INTO latency (key, at_epoch_ms, samples) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET at_epoch_ms = ?2, samples = ?3',
    );
    this.forget = db.prepare(
      'DELETE FROM latency WHERE key IN (SELECT key FROM latency ORDER BY at_epoch_ms DESC LIMIT -1 OFFSET ?)',
    );
  }

  recordLatency(key: string, ms: number): void {
    this.know(key);
    this.memory.recordLatency(key, ms);
    const samples = this.fresh.get(key);
    if (samples === undefined) return this.begin(key, ms);
    samples.push(ms);
    if (samples.length > KEPT_SAMPLES) samples.shift();
  }

  latency(key: string): LatencyView | null {
    this.know(key);
    return this.memory.latency(key);
  }

  /** Adds what is due to the transaction that has just begun. A table that cannot be written must not keep the runs from being. */
  join({ closing = false } = {}): void {
    this.leaving = new Map();
    if (this.fresh.size === 0) return;
    if (!closing && this.clock.nowMs() - this.writtenMs < WRITE_EVERY_MS) return;
    try {
      for (const [key, samples] of this.fresh) {
        const kept = [...this.samplesOf(key), ...samples].slice(-KEPT_SAMPLES);
        this.write.run(key, this.clock.epochMs(), bytesOf(kept));
      }
      this.forget.run(MOST_KEYS);
      this.leaving = this.fresh;
    } catch (error) {
      // SQLite has taken back the one statement; where it took back the transaction, the runs' writes are gone too.
      if (!this.db.isTransaction) throw error;
    }
  }

  /** The transaction is durable. */
  joined(): void {
    if (this.leaving.size === 0) return;
    this.fresh = new Map();
    this.leaving = this.fresh;
    this.writtenMs = this.clock.nowMs();
  }

  /** Whether there are samples that the file does not hold. */
  get isWaiting(): boolean {
    return this.fresh.size > 0;
  }

  private begin(key: string, ms: number): void {
    if (this.fresh.size === MOST_KEYS) {
      const [oldest] = this.fresh.keys();
      if (oldest !== undefined) this.fresh.delete(oldest);
    }
    this.fresh.set(key, [ms]);
  }

  /** Brings a key into memory. When that is full it begins anew: what is still asked for is soon there again. */
  private know(key: string): void {
    if (this.known.has(key)) return;
    if (this.known.size === MOST_KEYS) {
      this.known.clear();
      this.memory = memoryLedger();
    }
    this.known.add(key);
    for (const ms of [...this.samplesOf(key), ...(this.fresh.get(key) ?? [])]) {
      this.memory.recordLatency(key, ms);
    }
  }

  /** Oldest first. Nothing where the row is not what is written here, or cannot be read: these times are learned anew. */
  private samplesOf(key: string): readonly number[] {
    try {
      return samplesIn(this.read.get(key)?.['samples']);
    } catch {
      return [];
    }
  }
}

const SAMPLE_BYTES = 4;

/** Single precision: a sixteenth of a millisecond in a quarter of an hour. */
function bytesOf(samples: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(SAMPLE_BYTES * samples.length));
  samples.forEach((ms, at) => bytes.setFloat32(SAMPLE_BYTES * at, ms, true));
  return new Uint8Array(bytes.buffer);
}

function samplesIn(value: unknown): readonly number[] {
  if (!(value instanceof Uint8Array) || value.byteLength % SAMPLE_BYTES !== 0) return [];
  const bytes = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const samples = Array.from({ length: value.byteLength / SAMPLE_BYTES }, (_, at) =>
    bytes.getFloat32(SAMPLE_BYTES * at, true),
  );
  const isSound = samples.every((ms) => Number.isFinite(ms) && ms >= 0);
  return isSound ? samples.slice(-KEPT_SAMPLES) : [];
}
