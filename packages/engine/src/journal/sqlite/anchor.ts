import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** One run's place after a commit: run (6 bytes), seq (6), the first 16 characters of its chain, a CRC-32 over these (4). */
const RECORD_BYTES = 32;
const CHECKED_BYTES = 28;
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

  note(places: readonly Place[]): void {
    if (places.length === 0) return;
    const records = Buffer.alloc(places.length * RECORD_BYTES);
    places.forEach((place, at) => put(records, at * RECORD_BYTES, place));
    try {
      writeSync(this.fd, records);
      this.bytes += records.length;
    } catch {
      // A full disk, say. Lagging behind is allowed, records that begin in the middle of another are not.
      this.align();
    }
  }

  /** Cuts off half a record. */
  private align(): void {
    const { size } = fstatSync(this.fd);
    if (size % RECORD_BYTES !== 0) ftruncateSync(this.fd, size - (size % RECORD_BYTES));
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
  into.writeUIntBE(run, at, 6);
  into.writeUIntBE(seq, at + 6, 6);
  into.write(chain, at + CHAIN_AT, CHECKED_BYTES - CHAIN_AT, 'latin1');
  into.writeUInt32BE(crc32(into.subarray(at, at + CHECKED_BYTES)), at + CHECKED_BYTES);
}

function* recordsIn(bytes: Buffer): Generator<Place> {
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const record = bytes.subarray(at, at + RECORD_BYTES);
    if (crc32(record.subarray(0, CHECKED_BYTES)) !== record.readUInt32BE(CHECKED_BYTES)) continue;
    yield {
      run: record.readUIntBE(0, 6),
      seq: record.readUIntBE(6, 6),
      chain: record.toString('latin1', CHAIN_AT, CHECKED_BYTES),
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
