import type { Placing } from './paths.ts';

interface Heard {
  readonly messages: readonly { readonly role: string }[];
  readonly tools?: readonly unknown[];
}

/** Answers in the format of Chat Completions, and hears everything. */
export function cannedProvider(placing: Placing) {
  const heard: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { refusal } = placing;
    const body = String(init?.body);
    heard.push(String(input), JSON.stringify([...new Headers(init?.headers)]), body);
    if (refusal !== undefined) {
      return new Response(refusal.body, {
        status: refusal.status,
        headers: { 'content-type': 'application/json', ...refusal.headers },
      });
    }
    return streamOf(replyTo(JSON.parse(body) as Heard, placing), placing);
  };
  return { fetch, heard: () => heard.join('\n') };
}

/** The first turn of the acting step calls its tool; everything else is an answer. */
function replyTo({ messages, tools = [] }: Heard, { answer = 'fine', toolInput = 'here' }: Placing): object {
  const isFirstTurn = tools.length > 0 && messages.every(({ role }) => role !== 'tool');
  if (!isFirstTurn) return { content: JSON.stringify({ text: answer }) };
  const called = { name: 'look', arguments: JSON.stringify({ text: toolInput }) };
  return { tool_calls: [{ index: 0, id: 'call-1', type: 'function', function: called }] };
}

function streamOf(delta: object, { serviceTier = 'default', stopReason }: Placing): Response {
  const stop = stopReason ?? ('tool_calls' in delta ? 'tool_calls' : 'stop');
  const chunk = {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    service_tier: serviceTier,
  };
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const events = [
    { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: null }] },
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: stop }] },
    { ...chunk, choices: [], usage },
  ];
  const lines = [...events.map((event) => JSON.stringify(event)), '[DONE]'];
  return new Response(lines.map((line) => `data: ${line}\n\n`).join(''), {
    headers: { 'content-type': 'text/event-stream' },
  });
}
