/** What one attempt's HTTP exchange showed, seen in the bytes and not through the adapter's eyes. */
export interface Evidence {
  /** False: the model has not used the fetch it was given, so nothing below is known. */
  sent: boolean;
  status: number | null;
  headers: Headers | null;
  /** The body of an answer that is no stream of events (an error, a page, JSON), cut at 64 KB. */
  body: string | null;
  /** The data of an error event inside an answer of status 200; undefined if there was none. */
  inBandError: unknown;
  /** Why the model stopped, in the provider's word. Without one an answer is never complete. */
  stopReason: string | null;
  /** Usage as the provider reports it, later reports over earlier ones; `null` if it said none. */
  usage: Readonly<Record<string, unknown>> | null;
  /** Upstream said that nothing follows, by its end marker or by closing the response. */
  ended: boolean;
  /** The connection failed mid-answer. */
  broken: boolean;
  /** Which limit the answer overran, as a sentence; `null` if none. */
  overrun: string | null;
}

export function noEvidence(): Evidence {
  return {
    sent: false,
    status: null,
    headers: null,
    body: null,
    inBandError: undefined,
    stopReason: null,
    usage: null,
    ended: false,
    broken: false,
    overrun: null,
  };
}
