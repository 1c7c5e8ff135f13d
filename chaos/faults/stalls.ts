import { call, isComplete } from './call.ts';
import { virtualRig } from './rig.ts';
import type { FaultRule, WireFormat } from '@paceline/simulator';

/** What a stalled call may wait for. So long that a byte every ten seconds is a stall too. */
const LIMITS = { connectMs: 5_000, firstChunkMs: 25_000, chunkMs: 21_000 } as const;

/** Far beyond all limits: none of them is cut short by the deadline. */
const WITHIN_MS = 300_000;

/** How late a stall may be found. */
const TOLERANCE_MS = 50;

interface StallShape {
  readonly rule: FaultRule;
  /** The one that has to find it; `share`: half of the call's time, so that the other half is left for the fallback. */
  readonly limit: keyof typeof LIMITS | 'share';
  /** Where it is another: OpenAI's chat completions show no reasoning, so there it is silence. */
  readonly limitOnOpenai?: StallShape['limit'];
}

const part = { fault: 'stall-mid', afterTokens: 20 } as const;

/** Ways to keep a connection open and not answer. */
export const STALL_SHAPES = {
  'no headers': { rule: { fault: 'stall-silent' }, limit: 'connectMs' },
  'headers, then silence': { rule: { fault: 'stall' }, limit: 'firstChunkMs' },
  'headers, then pings': { rule: { fault: 'stall', pingEveryMs: 5_000 }, limit: 'firstChunkMs' },
  'headers, then comments': {
    rule: { fault: 'stall', pingEveryMs: 5_000, pingWith: 'comment' },
    limit: 'firstChunkMs',
  },
  'headers, then empty deltas': {
    rule: { fault: 'stall', pingEveryMs: 5_000, pingWith: 'empty-delta' },
    limit: 'firstChunkMs',
  },
  'headers, then a byte every 10 s': {
    rule: { fault: 'stall', pingEveryMs: 10_000, pingWith: 'byte' },
    limit: 'firstChunkMs',
  },
  // The second thought would come after the limit between chunks.
  'a thought, then silence': {
    rule: { fault: 'stall', pingEveryMs: 24_000, pingWith: 'reasoning' },
    limit: 'chunkMs',
    limitOnOpenai: 'firstChunkMs',
  },
  // Each thought is progress, but a call must not think until no other target can answer in time.
  'thoughts, and never an answer': {
    rule: { fault: 'stall', pingEveryMs: 5_000, pingWith: 'reasoning' },
    limit: 'share',
    limitOnOpenai: 'firstChunkMs',
  },
  'part of the answer, then silence': { rule: part, limit: 'chunkMs' },
  'part of the answer, then pings': { rule: { ...part, pingEveryMs: 5_000 }, limit: 'chunkMs' },
  'part of the answer, then comments': {
    rule: { ...part, pingEveryMs: 5_000, pingWith: 'comment' },
    limit: 'chunkMs',
  },
  'part of the answer, then empty deltas': {
    rule: { ...part, pingEveryMs: 5_000, pingWith: 'empty-delta' },
    limit: 'chunkMs',
  },
  'part of the answer, then a byte every 10 s': {
    rule: { ...part, pingEveryMs: 10_000, pingWith: 'byte' },
    limit: 'chunkMs',
  },
  'all of the answer, but no stop reason': {
    rule: { fault: 'stall-mid', afterTokens: 1_000 },
    limit: 'chunkMs',
  },
} as const satisfies Record<string, StallShape>;

export type StallName = keyof typeof STALL_SHAPES;

export interface StallReport {
  readonly wire: WireFormat;
  readonly shape: StallName;
  readonly limitMs: number;
  /** From the last progress (for a share of the time: from the start) to the attempt's end; `null`: never found. */
  readonly foundAfterMs: number | null;
  /** Calls still open at a provider, and timers still set, when the answer had come. */
  readonly leftBehind: number;
  /** Found within the limit and 50 ms, not before the limit, answered whole by the fallback, nothing left behind. */
  readonly ok: boolean;
}

/** Lets the primary stall; the fallback is well. */
export async function meetStall(wire: WireFormat, shape: StallName): Promise<StallReport> {
  const { rule, limit: usual, limitOnOpenai = usual }: StallShape = STALL_SHAPES[shape];
  const limit = wire === 'openai' ? limitOnOpenai : usual;
  const rig = await virtualRig({ wire, seed: 1, primary: [rule] });
  const seen = await rig.run(call(rig, { hungAfterMs: 2 * WITHIN_MS, withinMs: WITHIN_MS, limits: LIMITS }));
  const [stalled] = seen.result?.attempts ?? seen.error?.attempts ?? [];
  // Content that no reader sees, such as a thought, still is progress; the clock started at 0.
  const progressMs = limit === 'chunkMs' ? (seen.lostTextAtMs ?? stalled?.firstChunkMs ?? 0) : 0;
  const found = stalled?.code === 'PROVIDER_STALLED';
  const foundAfterMs = found ? stalled.startedAfterMs + stalled.ms - progressMs : null;
  const open = rig.simulator.calls.filter(({ ended }) => ended === null).length;
  const leftBehind = open + (rig.pendingTimers() ?? 0);
  const limitMs = limit === 'share' ? WITHIN_MS / 2 : LIMITS[limit];
  const inTime =
    foundAfterMs !== null && foundAfterMs > limitMs - TOLERANCE_MS && foundAfterMs <= limitMs + TOLERANCE_MS;
  const ok = inTime && isComplete(seen) && leftBehind === 0;
  return { wire, shape, limitMs, foundAfterMs, leftBehind, ok };
}
