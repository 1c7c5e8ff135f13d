const LF = 10;
const CR = 13;
const EMPTY = new Uint8Array();

/** CR LF CR LF. */
const LONGEST_BLANK_LINE = 4;

/** A longer event is an attack or a fault: providers' events run to a few kilobytes. */
const LARGEST_EVENT_BYTES = 1024 * 1024;

/** Cuts a byte stream into whole server-sent events and keeps back the unfinished rest. */
export interface SseEvents {
  /**
   * The bytes of all events that `chunk` completes, with those kept back before; `null` if it completes none, `too-large`
   * once an event grows beyond 1 MB.
   */
  push(chunk: Uint8Array): Uint8Array | 'too-large' | null;
}

/**
 * Whoever reads what `push` returns never sees half an event, so a cut stream cannot end in a malformed one, and a
 * missing end marker can be put after it safely.
 */
export function createSseEvents(): SseEvents {
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  /** The last bytes of what is kept: a blank line may begin in them. */
  let tail: Uint8Array = EMPTY;

  const keep = (rest: Uint8Array): void => {
    if (rest.length === 0) return;
    kept.push(rest);
    keptBytes += rest.length;
    tail = Buffer.concat([tail, rest.subarray(-LONGEST_BLANK_LINE)]).subarray(-LONGEST_BLANK_LINE);
  };

  return {
    push(chunk) {
      // The usual case: providers flush after each event.
      if (keptBytes === 0 && endsWithBlankLine(chunk)) return chunk;
      const end = endOfLastEvent(chunk, tail);
      if (end === 0) {
        keep(chunk);
        return keptBytes > LARGEST_EVENT_BYTES ? 'too-large' : null;
      }
      const whole =
        keptBytes === 0 ? chunk.subarray(0, end) : Buffer.concat([...kept, chunk.subarray(0, end)]);
      kept = [];
      keptBytes = 0;
      tail = EMPTY;
      keep(chunk.subarray(end));
      return whole;
    },
  };
}

function endsWithBlankLine(bytes: Uint8Array): boolean {
  return bytes.length > 1 && bytes[bytes.length - 1] === LF && bytes[bytes.length - 2] === LF;
}

/** Just after the last blank line of `chunk`, which may begin in the bytes `before` it; 0 if there is none. */
function endOfLastEvent(chunk: Uint8Array, before: Uint8Array): number {
  const at = (index: number) => (index >= 0 ? chunk[index] : before[before.length + index]);
  for (let end = chunk.length; end > 0; end--) {
    const last = chunk[end - 1];
    if (last !== LF && last !== CR) continue;
    const previous = at(end - 2);
    // Line ends are LF, CR LF or CR: a blank line is LF LF, CR LF CR LF or CR CR.
    if (last === previous) return end;
    if (last === LF && previous === CR && at(end - 3) === LF) return end;
  }
  return 0;
}
