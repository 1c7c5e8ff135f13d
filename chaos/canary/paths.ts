/** Where a text is put. Whatever is not said is harmless. */
export interface Placing {
  /** What the run is given. */
  readonly input?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tenant?: string;
  readonly runId?: string;
  readonly prompt?: string;
  /** What the model says, and what it gives to a tool. */
  readonly answer?: string;
  readonly toolInput?: string;
  /** What a tool and a code step give, or throw. */
  readonly toolResult?: string;
  readonly toolError?: string;
  readonly codeOutput?: string;
  readonly codeError?: Error;
  /** An error that the provider answers with. */
  readonly refusal?: {
    readonly status: number;
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** What the provider says of its accounting and of why the model stopped. */
  readonly serviceTier?: string;
  readonly stopReason?: string;
  /** What is said to the waiting run. */
  readonly signal?: string;
  readonly cancel?: string;
  /** What a direct caller of the gateway names. */
  readonly route?: string;
  readonly step?: string;
  readonly conversation?: string;
}

/** One way into Paceline. */
export interface InputPath {
  readonly place: (text: string) => Placing;
  /** False: nothing of it ever shows, harmless or not. */
  readonly shows?: false;
}

const error = (message: string): string => JSON.stringify({ error: { message, code: 'invalid_api_key' } });

export const PATHS: Readonly<Record<string, InputPath>> = {
  input: { place: (input) => ({ input }) },
  'label value': { place: (text) => ({ labels: { team: text } }) },
  'label key': { place: (text) => ({ labels: { [text]: 'cx' } }) },
  tenant: { place: (tenant) => ({ tenant }) },
  'run id': { place: (runId) => ({ runId }) },
  prompt: { place: (prompt) => ({ prompt }) },
  'model output': { place: (answer) => ({ answer }) },
  'tool arguments': { place: (toolInput) => ({ toolInput }) },
  'tool result': { place: (toolResult) => ({ toolResult }) },
  'tool error': { place: (toolError) => ({ toolError }) },
  'code output': { place: (codeOutput) => ({ codeOutput }) },
  'code error': { place: (text) => ({ codeError: new Error(text) }) },
  'code error cause': {
    place: (text) => ({
      codeError: new AggregateError([new Error(text)], 'It failed.', { cause: new Error(text) }),
    }),
    shows: false,
  },
  'refusal of the key': { place: (text) => ({ refusal: { status: 401, body: error(`Bad key: ${text}`) } }) },
  'provider error': { place: (text) => ({ refusal: { status: 500, body: error(text) } }) },
  'provider error as text': { place: (text) => ({ refusal: { status: 503, body: `Failed: ${text}` } }) },
  'provider headers': {
    place: (text) => ({
      refusal: {
        status: 429,
        body: error('Slow down.'),
        headers: { 'x-request-id': text, 'retry-after': text, 'x-amzn-errortype': text },
      },
    }),
    shows: false,
  },
  'service tier': { place: (serviceTier) => ({ serviceTier }) },
  'stop reason': { place: (stopReason) => ({ stopReason }), shows: false },
  signal: { place: (signal) => ({ signal }) },
  'cancel reason': { place: (cancel) => ({ cancel }) },
  'route name': { place: (route) => ({ route }) },
  'step name': { place: (step) => ({ step }) },
  conversation: { place: (conversation) => ({ conversation }), shows: false },
};
