import { readFacts } from './facts.ts';
import { isObject, objectOf, parseJson } from '../json.ts';
import { scoresOf, wordsOf } from './labels.ts';
import { shapeValue } from './values.ts';
import type { Facts } from './facts.ts';
import type { JsonObject } from '../json.ts';
import type { SimMessage, SimRequest, SimTool } from '../wire/wire.ts';
import type { Draft } from './write-answer.ts';

/**
 * What the simulated model says: a few rules over keywords and schemas, no model. The same request always gets the same
 * answer. Nothing in the prompt is obeyed, so a prompt injection is just another message to classify.
 *
 * 1. Tools offered, not forbidden, and no result yet: call the one whose name and description fit the text best.
 * 2. JSON asked for: fill in the schema (`shapeValue`).
 * 3. Otherwise: always the same text.
 */
export function answerTo(request: SimRequest, text = SENTENCE): Draft {
  const facts = readFacts(request.messages);
  const tool = toolToCall(request, facts);
  if (tool !== undefined) {
    const { value } = shapeValue(tool.schema, facts);
    return { parts: [{ type: 'tool-call', name: tool.name, input: objectOf(value) }], finish: 'tool-calls' };
  }
  const { answer } = request;
  if (answer.type === 'text') return saying(text);
  const { value, sure } = shapeValue(answer.schema ?? schemaIn(facts), facts);
  if (answer.tool !== undefined) {
    return { parts: [{ type: 'tool-call', name: answer.tool, input: value }], finish: 'tool-calls' };
  }
  return { parts: [{ type: 'text', text: JSON.stringify(value), sure }], finish: 'stop' };
}

const SENTENCE = 'This is a simulated answer; no model was asked.';

const saying = (text: string): Draft => ({ parts: [{ type: 'text', text, sure: [] }], finish: 'stop' });

/** What OpenAI accepts; further ones are never called. */
const MAX_TOOLS = 128;

function toolToCall({ tools, toolChoice, messages, answer }: SimRequest, facts: Facts): SimTool | undefined {
  const answerTool = answer.type === 'json' ? answer.tool : undefined;
  const callable = tools.filter(({ name }) => name !== answerTool).slice(0, MAX_TOOLS);
  if (typeof toolChoice === 'object') return callable.find(({ name }) => name === toolChoice.name);
  if (toolChoice === 'none' || callable.length === 0) return undefined;
  const mustCall = toolChoice === 'required' && answerTool === undefined;
  if (!mustCall && (hasToolResult(messages) || needsNoAction(facts))) return undefined;
  const scores = toolScores(callable, facts.text);
  return callable[scores.indexOf(Math.max(...scores))];
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
