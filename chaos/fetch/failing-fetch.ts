type Fetch = typeof globalThis.fetch;

/** How a request may fail: nobody listens, the answer breaks off, the provider is broken, nothing ever comes. */
export const FETCH_FAILURES = {
  refused: async () => {
    throw networkError('fetch failed', 'ECONNREFUSED');
  },
  'reset-mid-body': async (fetch, ...request) => broken(await fetch(...request)),
  'error-500': async () => Response.json({ error: { message: 'It is broken.' } }, { status: 500 }),
  timeout: (_fetch, _input, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true });
    }),
} as const satisfies Record<string, (fetch: Fetch, ...request: Parameters<Fetch>) => Promise<Response>>;

export type FetchFailure = keyof typeof FETCH_FAILURES;

export interface FetchTrouble {
  /** The request that fails, counted from 1. */
  readonly at: number;
  readonly name: FetchFailure;
  /** Every request after it too. */
  readonly lasting: boolean;
}

export interface TroubledFetch {
  readonly fetch: Fetch;
  /** So far. */
  readonly requests: number;
}

/** Lets the n-th request fail, over all processes that use it. */
export function troubleFetch(fetch: Fetch, trouble: FetchTrouble | null): TroubledFetch {
  let requests = 0;
  return {
    get requests() {
      return requests;
    },
    fetch: (...request) => {
      requests++;
      const fails =
        trouble !== null && (requests === trouble.at || (trouble.lasting && requests > trouble.at));
      return fails ? FETCH_FAILURES[trouble.name](fetch, ...request) : fetch(...request);
    },
  };
}

/** The first bytes of an answer, and then a reset. */
function broken(response: Response): Response {
  const reader = response.body?.getReader();
  let chunks = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await reader?.read();
      if (next?.value === undefined || chunks++ > 0) {
        await reader?.cancel();
        return controller.error(networkError('terminated', 'ECONNRESET'));
      }
      controller.enqueue(next.value.subarray(0, Math.ceil(next.value.length / 2)));
    },
    cancel: (reason) => reader?.cancel(reason),
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

/** As undici throws it. */
function networkError(message: string, code: string): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error(code), { code }) });
}
