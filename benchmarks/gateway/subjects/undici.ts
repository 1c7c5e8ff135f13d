import { Agent } from 'undici';
import { MODEL, PROMPT, type PrepareSubject } from '../answer.ts';

/** The limit: a pooled connection, and the events parsed as shortly as can be. */
export const prepareUndici: PrepareSubject = async (url) => {
  const agent = new Agent();
  const body = JSON.stringify({ model: MODEL, stream: true, messages: [{ role: 'user', content: PROMPT }] });
  const headers = { 'content-type': 'application/json' };
  return async () => {
    const path = '/v1/chat/completions';
    const response = await agent.request({ origin: url, path, method: 'POST', headers, body });
    let text = '';
    let rest = '';
    response.body.setEncoding('utf8');
    for await (const part of response.body as AsyncIterable<string>) {
      const events = (rest + part).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) if (event !== 'data: [DONE]') text += textIn(event);
    }
    return text;
  };
};

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
}

const textIn = (event: string): string =>
  (JSON.parse(event.slice('data: '.length)) as Chunk).choices[0]?.delta.content ?? '';
