import type { Json } from './json.ts';
import type { FaultName } from './faults.ts';
import type { WireFormat } from './wire/wire.ts';

/**
 * - `answered`: played to its end without a fault, be it an answer or a refusal of a bad request
 * - `faulted`: a fault played to its end
 * - `cancelled`: the client went away first
 */
export type CallEnd = 'answered' | 'faulted' | 'cancelled';

/** One request a simulated provider received. */
export interface SimulatedCall {
  /** The name in the scenario; '' when the address names none. */
  readonly provider: string;
  readonly wire: WireFormat;
  /** '' when the request could not be read. */
  readonly model: string;
  /** What its fate was drawn from: `<run or row>/<step>/<turn>/<attempt>`, or `#<n>` without the header. */
  readonly key: string;
  /** `null`: healthy. */
  readonly fault: FaultName | null;
  /** HTTP status; `null` while, or because, no headers were sent. */
  readonly status: number | null;
  /** On the simulator's clock. */
  readonly startedMs: number;
  /** `null` while it is in flight. */
  readonly endedMs: number | null;
  readonly ended: CallEnd | null;
  /** The request's JSON body; `null` when it was none. */
  readonly body: Json;
}

/** The journal's own hold on a call: it fills in what becomes known later. */
export type OpenCall = { -readonly [field in keyof SimulatedCall]: SimulatedCall[field] };

export interface CallJournal {
  readonly calls: readonly SimulatedCall[];
  add(call: OpenCall): void;
}

/** Keeps the newest `limit` calls, in order of arrival. It trims in steps of a tenth, so it may hold up to 10 % more. */
export function createCallJournal(limit: number): CallJournal {
  const calls: OpenCall[] = [];
  return {
    calls,
    add(call) {
      calls.push(call);
      if (calls.length > limit * 1.1) calls.splice(0, calls.length - limit);
    },
  };
}
