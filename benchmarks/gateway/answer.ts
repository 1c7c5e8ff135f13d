export const MODEL = 'gpt-5-mini';

/** Events with text in the streamed answer; three more open and close it. */
export const CHUNKS = 100;

const PIECE = ' and then';

/** What every subject has to have read at the end. */
export const ANSWER = PIECE.repeat(CHUNKS);

/** OpenAI's chat completions, event by event. */
export const EVENTS: readonly string[] = [
  chunk({ role: 'assistant', content: '' }),
  ...Array.from({ length: CHUNKS }, () => chunk({ content: PIECE })),
  chunk({}, 'stop', { prompt_tokens: 12, completion_tokens: 2 * CHUNKS, total_tokens: 12 + 2 * CHUNKS }),
  'data: [DONE]\n\n',
];

export const PROMPT = 'Tell me a story.';

/** Makes one streamed call and returns the text of its answer. */
export type MakeCall = () => Promise<string>;

/** @param url of the server, without a path */
export type PrepareSubject = (url: string) => Promise<MakeCall>;

function chunk(delta: object, finishReason: string | null = null, usage?: object): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_767_225_600, model: MODEL };
  return `data: ${JSON.stringify({ ...head, choices, ...(usage && { usage }) })}\n\n`;
}
