import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** One run's place after a commit: run (6 bytes), seq (6), the first 16 characters of its chain, a sum over these (4). */
const RECORD_BYTES = 32;
const CHECKED_BYTES = 28;
const SEQ_AT = 6;
const CHAIN_AT = 12;

export interface Place {
  readonly run: number;
  readonly seq: number;
  /** At least its first 16 characters. */
  readonly chain: string;
}

/** The place of a run that was deleted on purpose: beyond any other. */
export const FORGOTTEN = 2 ** 48 - 1;

/** Stands for the inbox among the runs: a number that no run gets. Its `seq` counts messages. */
export const INBOX = 2 ** 48 - 1;

/**
 * Remembers outside the database how far each run had come, because SQLite drops a damaged end of its WAL without a word
 * (400 of 400 mutilated WALs opened, passed `integrity_check` and had lost committed rows). It is written after each sync and not synced
 * itself: it may lag behind the data, but when it is ahead, data has been lost.
 */
export class Anchor {
  private readonly fd: number;
  private bytes = 0;
  /** The last record may be only half there. */
  private mayBeTorn = false;
  /** Used again and again: a buffer for each commit, and a part of it for each sum, took 2 % of a step. */
  private records = Buffer.alloc(64 * RECORD_BYTES);

  constructor(path: string) {
    this.fd = openSync(path, 'a', 0o600);
    this.align();
  }

  /** The furthest place of each run; a torn or damaged record is no evidence. */
  static read(path: string): ReadonlyMap<number, Place> {
    const furthest = new Map<number, Place>();
    for (const place of recordsIn(readIfThere(path))) {
      if (place.seq >= (furthest.get(place.run)?.seq ?? 0)) furthest.set(place.run, place);
    }
    return furthest;
  }

  /** Never throws: what is noted has been committed. */
  note(places: readonly Place[]): void {
    if (places.length === 0) return;
    const length = places.length * RECORD_BYTES;
    if (length > this.records.length) this.records = Buffer.alloc(2 * length);
    let at = 0;
    for (const place of places) {
      put(this.records, at, place);
      at += RECORD_BYTES;
    }
    try {
      if (this.mayBeTorn) this.align();
      this.mayBeTorn = writeSync(this.fd, this.records, 0, length) < length;
      this.bytes += length;
    } catch {
      this.mayBeTorn = true;
    }
    // A full disk, say. Lagging behind is allowed, records that begin in the middle of another are not.
    if (this.mayBeTorn) this.tryAlign();
  }

  /** What cannot be done now is tried again before the next record. */
  private tryAlign(): void {
    try {
      this.align();
    } catch {
      // The data is synced, and only what vouches for it is behind.
    }
  }

  /** Cuts off half a record. */
  private align(): void {
    const { size } = fstatSync(this.fd);
    if (size % RECORD_BYTES !== 0) ftruncateSync(this.fd, size - (size % RECORD_BYTES));
    this.mayBeTorn = false;
  }

  /** Bytes written since it was last empty. */
  get size(): number {
    return this.bytes;
  }

  /** Only when all it tells of is in the database's main file and synced there. */
  clear(): void {
    ftruncateSync(this.fd);
    this.bytes = 0;
  }

  close(): void {
    closeSync(this.fd);
  }
}

function put(into: Buffer, at: number, { run, seq, chain }: Place): void {
  putNumber(into, at, run);
  putNumber(into, at + SEQ_AT, seq);
  // Beyond its end a text has the code NaN, which is written as 0.
  for (let to = CHAIN_AT; to < CHECKED_BYTES; to++) into[at + to] = chain.charCodeAt(to - CHAIN_AT);
  putInt(into, at + CHECKED_BYTES, sumOf(into, at));
}

/** A whole number below 2^48. */
function putNumber(into: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  into[at] = high >>> 8;
  into[at + 1] = high;
  putInt(into, at + 2, value);
}

/** The number modulo 2^32; each byte takes its share modulo 256. */
function putInt(into: Buffer, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value >>> 0;
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 32 bits: one changed byte never goes unnoticed, more of them once in 4 billion times. */
function sumOf(records: Buffer, at: number): number {
  let sum = 0x811c9dc5;
  for (let each = at; each < at + CHECKED_BYTES; each++) {
    sum = Math.imul(sum ^ (records[each] as number), 0x01000193);
  }
  return sum >>> 0;
}

function* recordsIn(bytes: Buffer): Generator<Place> {
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    if (sumOf(bytes, at) !== bytes.readUInt32BE(at + CHECKED_BYTES)) continue;
    yield {
      run: bytes.readUIntBE(at, SEQ_AT),
      seq: bytes.readUIntBE(at + SEQ_AT, CHAIN_AT - SEQ_AT),
      chain: bytes.toString('latin1', at + CHAIN_AT, at + CHECKED_BYTES),
    };
  }
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
