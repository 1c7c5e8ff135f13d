import type { Ending, Script, TimedFrame } from './script.ts';

// What faults do to a script. Pure: each returns a new one.

/**
 * How many frames it takes to send `tokens` tokens; always short of the finish.
 * Without a number: half of the answer's, at least 1.
 */
export function framesWithin({ frames }: Script, tokens: number | undefined): number {
  const total = frames.reduce((sum, frame) => sum + frame.tokens, 0);
  let left = tokens ?? Math.max(1, Math.floor(total / 2));
  const at = frames.findIndex((frame) => {
    if (frame.kind === 'finish' || (frame.kind !== 'open' && left <= 0)) return true;
    left -= frame.tokens;
    return false;
  });
  return at === -1 ? frames.length : at;
}

/** When the first frame comes that is more than an opening. */
export function firstContentMs({ frames, end }: Script): number {
  return frames.find((frame) => frame.kind !== 'open')?.atMs ?? end.atMs;
}

/** Ends after the first `count` frames. */
export function cutAfter({ head, frames }: Script, count: number, how: Ending): Script {
  const kept = frames.slice(0, count);
  return { head, frames: kept, end: { atMs: kept.at(-1)?.atMs ?? head?.atMs ?? 0, how } };
}

/** Puts a text between two frames, or after the last. */
export function insertAt(script: Script, count: number, text: string): Script {
  const atMs = script.frames[count - 1]?.atMs ?? script.head?.atMs ?? 0;
  const noise: TimedFrame = { kind: 'noise', text, tokens: 0, atMs };
  return { ...script, frames: script.frames.toSpliced(count, 0, noise) };
}

/** Everything comes later, headers included. */
export function delay(script: Script, byMs: number): Script {
  const { head } = script;
  return { ...shift(script, byMs), head: head === null ? null : { ...head, atMs: head.atMs + byMs } };
}

export interface Pause {
  /** `Infinity`: for good. */
  readonly forMs: number;
  /** Whether the script goes on afterwards; otherwise the connection closes. */
  readonly resumes: boolean;
  /** `nth` counts from 0. */
  readonly pings?: { readonly everyMs: number; readonly text: (nth: number) => string };
}

/** Ten minutes: no client waits longer, and a script has to end. */
const PINGS_FOR_MS = 600_000;

/** Silence, but for pings, after the first `count` frames. */
export function pauseAfter(script: Script, count: number, { forMs, resumes, pings }: Pause): Script {
  const before = cutAfter(script, count, 'hang');
  const noise: TimedFrame[] = [];
  if (pings !== undefined) {
    const lastMs = Math.min(forMs, PINGS_FOR_MS);
    for (let nth = 0; (nth + 1) * pings.everyMs < lastMs; nth++) {
      const atMs = before.end.atMs + (nth + 1) * pings.everyMs;
      noise.push({ kind: 'noise', text: pings.text(nth), tokens: 0, atMs });
    }
  }
  const frames = [...before.frames, ...noise];
  if (forMs === Number.POSITIVE_INFINITY) return { ...before, frames };
  if (!resumes) return { ...before, frames, end: { atMs: before.end.atMs + forMs, how: 'fin' } };
  const after = shift({ ...script, frames: script.frames.slice(count) }, forMs);
  return { ...after, frames: [...frames, ...after.frames] };
}

function shift({ head, frames, end }: Script, byMs: number): Script {
  return {
    head,
    frames: frames.map((frame) => ({ ...frame, atMs: frame.atMs + byMs })),
    end: { ...end, atMs: end.atMs + byMs },
  };
}
