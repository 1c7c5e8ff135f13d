import { readFacts } from './facts.ts';
import { isObject, objectOf, parseJson } from '../json.ts';
import { scoresOf, wordsOf } from './labels.ts';
import { shapeValue } from './values.ts';
import type { Facts } from './facts.ts';
import type { JsonObject } from '../json.ts';
import type { SimulatedProvider } from '../scenario/scenario.ts';
import type { SimMessage, SimRequest, SimTool } from '../wire/wire.ts';
import type { Draft } from './write-answer.ts';

/**
 * What the simulated model says: a few rules over keywords and schemas, no model. The same request always gets the same
 * answer. Nothing in the prompt is obeyed, so a prompt injection is just another message to classify.
 *
 * 1. Tools offered, not forbidden, and no result yet: call the one whose name and description fit the text best, or the
 *    best few (`toolCallsAtOnce`).
 * 2. JSON asked for: fill in the schema (`shapeValue`).
 * 3. Otherwise: always the same text.
 */
export function answerTo(request: SimRequest, speaker: Speaker = {}): Draft {
  const facts = readFacts(request.messages);
  const tools = toolsToCall(request, facts, speaker.toolCallsAtOnce);
  if (tools.length > 0) {
    const parts = tools.map(({ name, schema }) => {
      return { type: 'tool-call' as const, name, input: objectOf(shapeValue(schema, facts).value) };
    });
    return { parts, finish: 'tool-calls' };
  }
  const { answer } = request;
  if (answer.type === 'text') return saying(speaker.answer ?? SENTENCE);
  const { value, sure } = shapeValue(answer.schema ?? schemaIn(facts), facts);
  if (answer.tool !== undefined) {
    return { parts: [{ type: 'tool-call', name: answer.tool, input: value }], finish: 'tool-calls' };
  }
  return { parts: [{ type: 'text', text: JSON.stringify(value), sure }], finish: 'stop' };
}

/** What a provider's scenario says about its answers. */
type Speaker = Pick<SimulatedProvider, 'answer' | 'toolCallsAtOnce'>;

const SENTENCE = 'This is a simulated answer; no model was asked.';

const saying = (text: string): Draft => ({ parts: [{ type: 'text', text, sure: [] }], finish: 'stop' });

/** What OpenAI accepts; further ones are never called. */
const MAX_TOOLS = 128;

/** The best fitting first; empty where none is to be called. */
function toolsToCall(request: SimRequest, facts: Facts, atOnce = 1): readonly SimTool[] {
  const { tools, toolChoice, messages, answer, parallelTools } = request;
  const answerTool = answer.type === 'json' ? answer.tool : undefined;
  const callable = tools.filter(({ name }) => name !== answerTool).slice(0, MAX_TOOLS);
  const count = parallelTools ? atOnce : 1;
  if (typeof toolChoice === 'object') {
    return inTurn(
      callable.filter(({ name }) => name === toolChoice.name),
      count,
    );
  }
  if (toolChoice === 'none') return [];
  const mustCall = toolChoice === 'required' && answerTool === undefined;
  if (!mustCall && (hasToolResult(messages) || needsNoAction(facts))) return [];
  const scores = toolScores(callable, facts.text);
  const ranked = callable
    .map((tool, at) => ({ tool, score: scores[at] ?? 0 }))
    .toSorted((a, b) => b.score - a.score);
  return inTurn(
    ranked.map(({ tool }) => tool),
    count,
  );
}

/** So many of them, from the first again when they run out. */
function inTurn(tools: readonly SimTool[], count: number): readonly SimTool[] {
  if (tools.length === 0) return [];
  return Array.from({ length: count }, (_, at) => tools[at % tools.length] as SimTool);
}

/** Since the user last asked for something. A request to correct an answer is not a new one. */
function hasToolResult(messages: SimRequest['messages']): boolean {
  const result = messages.findLastIndex(({ role }) => role === 'tool');
  const asked = messages.findLastIndex(({ role }, at) => role === 'user' && !isJsonAnswer(messages[at - 1]));
  return result > asked;
}

const isJsonAnswer = (message: SimMessage | undefined): boolean =>
  message?.role === 'assistant' && isObject(parseJson(message.text));

/** The input names an action, and it is to do nothing. */
function needsNoAction(facts: Facts): boolean {
  return ['action', 'decision']
    .flatMap(facts.named)
    .some((value) => /^(none|nothing|no[-_ ]?action)$/i.test(String(value)));
}

function toolScores(tools: readonly SimTool[], text: string): readonly number[] {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
  const byName = scoresOf(
    tools.map(({ name }) => name),
    text,
  );
  return tools.map(({ description }, at) => {
    const shared = wordsOf(description).filter((word) => word.length > 3 && words.has(word)).length;
    return (byName[at] ?? 0) + shared / 4;
  });
}

/** JSON mode without a schema: clients then put it into the prompt, the system's words before the user's. */
function schemaIn(facts: Facts): JsonObject {
  return facts.objects.findLast((object) => isObject(object['properties'])) ?? NO_SCHEMA;
}

const NO_SCHEMA: JsonObject = { type: 'object', properties: { simulated: { const: true } } };
