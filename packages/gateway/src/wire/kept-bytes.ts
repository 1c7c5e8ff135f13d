const EMPTY = new Uint8Array();

/** What has come of an event that is not whole yet. */
export interface KeptBytes {
  readonly length: number;
  add(more: Uint8Array): void;
  /** What was kept, with `last` behind it; nothing is kept any more. */
  takeWith(last: Uint8Array): Uint8Array;
}

/** Bytes in one piece that doubles as it grows: a chunk may be a single byte, and as an object takes a hundred. */
export function createKeptBytes(): KeptBytes {
  let bytes = EMPTY;
  let length = 0;
  const add = (more: Uint8Array): void => {
    if (more.length === 0) return;
    if (length + more.length > bytes.length) {
      const larger = new Uint8Array(2 * (length + more.length));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(more, length);
    length += more.length;
  };
  return {
    get length() {
      return length;
    },
    add,
    takeWith(last) {
      if (length === 0) return last;
      add(last);
      const all = bytes.subarray(0, length);
      bytes = EMPTY;
      length = 0;
      return all;
    },
  };
}
