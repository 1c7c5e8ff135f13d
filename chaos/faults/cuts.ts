import { call, isComplete } from './call.ts';
import { virtualRig } from './rig.ts';
import type { WireFormat } from '@paceline/simulator';
import type { Rig } from './rig.ts';

/** How the connection goes: closed as if that were the end, or reset. */
export type CutEnd = 'fin' | 'reset';

export interface CutReport {
  readonly wire: WireFormat;
  readonly end: CutEnd;
  /** Length of the answer's stream. */
  readonly bytes: number;
  readonly cuts: number;
  /** Answered from the cut stream itself: everything but the end marker or the usage had come. */
  readonly accepted: number;
  /** Answered by the fallback. */
  readonly rescued: number;
  /** Cuts after which the caller had part of the answer and was told it was whole. */
  readonly truncated: readonly number[];
  /** Cuts after which some of the answer stood there twice. */
  readonly duplicated: readonly number[];
  /** Cuts after which no answer came although the fallback was well. */
  readonly failed: readonly number[];
  /** Cuts that left a timer behind. */
  readonly leaked: readonly number[];
}

export interface CutOptions {
  readonly wire: WireFormat;
  readonly end: CutEnd;
  /** Cuts at every n-th byte, and at the end. @default 1 */
  readonly step?: number;
}

/** Cuts the primary's answer at every byte; the fallback is well. A fresh gateway each time: breakers would spare it the cuts. */
export async function cutEverywhere({ wire, end, step = 1 }: CutOptions): Promise<CutReport> {
  const bytes = await recordedStream(wire);
  const outcomes: { readonly cut: number; readonly outcome: Outcome }[] = [];
  for (let cut = 0; cut <= bytes.length; cut++) {
    if (cut % step !== 0 && cut < bytes.length) continue;
    outcomes.push({ cut, outcome: await cutAt({ wire, end, bytes }, cut) });
  }
  const which = (wanted: Outcome): readonly number[] =>
    outcomes.filter(({ outcome }) => outcome === wanted).map(({ cut }) => cut);
  return {
    wire,
    end,
    bytes: bytes.length,
    cuts: outcomes.length,
    accepted: which('accepted').length,
    rescued: which('rescued').length,
    truncated: which('truncated'),
    duplicated: which('duplicated'),
    failed: which('failed'),
    leaked: which('leaked'),
  };
}

type Outcome = 'accepted' | 'rescued' | 'truncated' | 'duplicated' | 'failed' | 'leaked';

interface Recording {
  readonly wire: WireFormat;
  readonly end: CutEnd;
  readonly bytes: Uint8Array;
}

async function cutAt({ wire, end, bytes }: Recording, cut: number): Promise<Outcome> {
  const fetch: typeof globalThis.fetch = async (input) =>
    String(input).includes('/primary/') ? replay(bytes.subarray(0, cut), end) : replay(bytes, 'fin');
  const rig = await virtualRig({ wire, seed: 1, primary: [], config: { fetch } });
  const seen = await rig.run(call(rig, { hungAfterMs: 60_000 }));
  if (rig.pendingTimers() !== 0) return 'leaked';
  if (seen.outcome !== 'answered') return 'failed';
  if (!isComplete(seen))
    return seen.shown.length > (seen.result?.text.length ?? 0) ? 'duplicated' : 'truncated';
  return seen.result?.servedBy === rig.targets.primary ? 'accepted' : 'rescued';
}

function replay(bytes: Uint8Array, end: CutEnd): Response {
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (!sent && bytes.length > 0) {
        sent = true;
        controller.enqueue(bytes);
      } else if (end === 'reset') controller.error(new TypeError('terminated'));
      else controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** The bytes of a healthy answer, as the simulated primary sends them to this gateway. */
async function recordedStream(wire: WireFormat): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const tape: { play?: Rig } = {};
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await (tape.play as Rig).simulator.fetch(input, init);
    const recorder = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        chunks.push(chunk);
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(recorder) ?? null, response);
  };
  const rig = (tape.play = await virtualRig({ wire, seed: 1, primary: [], config: { fetch } }));
  await rig.run(call(rig, { hungAfterMs: 60_000 }));
  return Buffer.concat(chunks);
}
