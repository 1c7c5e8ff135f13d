import { expect, test } from 'vitest';
import { z } from 'zod';
import { answerSchema, check, toolSpecsOf } from './schema.ts';
import { classify, execute, reason, tool } from './steps.ts';

const input = z.object({ text: z.string() });
const prompt = () => 'Answer.';

const answering = (output: z.ZodType) => answerSchema(reason({ input, output, prompt }));

test('an object output is asked for as closed JSON, without defaults being compulsory', () => {
  const { format } = answering(
    z.object({ amount: z.number(), items: z.array(z.object({ sku: z.string().default('none') })) }),
  );
  expect(format).toEqual({
    type: 'json',
    name: 'answer',
    schema: {
      type: 'object',
      properties: {
        amount: { type: 'number' },
        items: {
          type: 'array',
          items: {
            type: 'object',
            properties: { sku: { type: 'string', default: 'none' } },
            additionalProperties: false,
          },
        },
      },
      required: ['amount', 'items'],
      additionalProperties: false,
    },
  });
});

test('a loose object stays open', () => {
  const { format } = answering(z.looseObject({ a: z.string() }));
  expect(format).toMatchObject({ schema: { additionalProperties: {} } });
});

test('prose is asked for as text and still validated', () => {
  const answer = answering(z.string().min(3));
  expect(answer.format).toEqual({ type: 'text' });
  expect(answer.parse('{"a":1}')).toEqual({ ok: true, value: '{"a":1}' });
  expect(answer.parse('no')).toMatchObject({ ok: false, problem: expect.stringContaining('>=3') });
});

test.each([
  ['an array', z.array(z.number()), [1, 2]],
  ['an enum', z.enum(['a', 'b']), 'b'],
  ['a literal', z.literal('a'), 'a'],
  ['a text of a certain form', z.iso.date(), '2026-11-22'],
  ['a union of objects', z.union([z.object({ a: z.number() }), z.object({ b: z.number() })]), { b: 1 }],
])('%s travels inside an object, because providers insist on one', (_, output, value) => {
  const answer = answering(output);
  expect(answer.format).toMatchObject({ type: 'json', schema: { type: 'object', required: ['answer'] } });
  expect(answer.parse(JSON.stringify({ answer: value }))).toEqual({ ok: true, value });
  expect(answer.parse(JSON.stringify(value))).toMatchObject({ ok: false });
});

test('a recursive output keeps its references when it is wrapped', () => {
  const Node = z.object({
    name: z.string(),
    get children() {
      return z.array(Node);
    },
  });
  const answer = answering(z.array(Node));
  expect(JSON.stringify(answer.format)).toContain('"$ref":"#/definitions/');
  const value = [{ name: 'a', children: [{ name: 'b', children: [] }] }];
  expect(answer.parse(JSON.stringify({ answer: value }))).toEqual({ ok: true, value });
});

test.each([
  ['{"amount":1}', 1],
  ['```json\n{"amount":2}\n```', 2],
  ['  ```\n{"amount":3}```\n', 3],
  ['{"amount":4}\n', 4],
])('reads %j', (text, amount) => {
  expect(answering(z.object({ amount: z.number() })).parse(text)).toEqual({ ok: true, value: { amount } });
});

test.each(['```json\n```', '```', '```json', ''])('%j is no answer', (text) => {
  expect(answering(z.object({ amount: z.number() })).parse(text)).toMatchObject({ ok: false });
});

test('what is wrong is said with its place, fit for a repair turn', () => {
  const answer = answering(z.object({ item: z.object({ amount: z.number() }) }));
  expect(answer.parse('{"item":{"amount":"a lot"}}')).toEqual({
    ok: false,
    problem: 'item.amount: expected number, received string',
  });
  expect(answer.parse('Sure! Here it is.')).toMatchObject({
    ok: false,
    problem: expect.stringContaining('The answer is not JSON'),
  });
});

test('several findings stand in one line, and a value that is wrong everywhere does not fill the screen', () => {
  const order = z.object({ id: z.string(), size: z.enum(['S', 'L']), amounts: z.array(z.number()) });
  expect(check(order, { size: 'M', amounts: [] })).toEqual({
    ok: false,
    problem: 'id: expected string, received undefined; size: expected one of "S"|"L"',
  });
  const amounts = check(z.array(z.number()), Array.from({ length: 1_000 }, String));
  expect(amounts).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/^\[0\]: expected number.*; \[4\]: .*; and 995 more$/),
  });
  expect(check(z.strictObject({}), { surplus: 1 })).toEqual({
    ok: false,
    problem: 'Unrecognized key: "surplus"',
  });
});

test('a schema that throws is a problem, not an exception', () => {
  const trips = z.string().refine((text) => new URL(text).protocol === 'https:');
  expect(check(trips, 'no url')).toEqual({ ok: false, problem: 'The schema threw: Invalid URL' });
  const asynchronous = z.string().refine(async () => true);
  expect(check(asynchronous, 'text')).toMatchObject({ ok: false, problem: expect.stringContaining('threw') });
});

const triage = classify({ input, labels: ['refund', 'bug'], prompt });

test('a classification is asked for as label and confidence, the label first', () => {
  const { format } = answerSchema(triage);
  expect(format).toMatchObject({
    type: 'json',
    name: 'classification',
    schema: { properties: { label: { type: 'string', enum: ['refund', 'bug'] } } },
  });
  expect(format.type === 'json' && Object.keys(format.schema.properties ?? {})).toEqual([
    'label',
    'confidence',
  ]);
});

test.each([
  [0.8, 0.8, 'self-reported'],
  [0, 0, 'self-reported'],
  [1, 1, 'self-reported'],
  [80, null, 'none'],
  [-0.1, null, 'none'],
  ['high', null, 'none'],
  [undefined, null, 'none'],
])('a stated confidence of %j counts as %j (%s)', (stated, confidence, confidenceSource) => {
  const parsed = answerSchema(triage).parse(JSON.stringify({ label: 'bug', confidence: stated }));
  expect(parsed).toEqual({ ok: true, value: { label: 'bug', confidence, confidenceSource } });
  if (parsed.ok) expect(check(triage.output, parsed.value).ok).toBe(true);
});

test('a label that was not offered is refused', () => {
  expect(answerSchema(triage).parse('{"label":"praise","confidence":1}')).toMatchObject({
    ok: false,
    problem: expect.stringContaining('"refund"|"bug"'),
  });
});

test('tools are shown by name with a closed input schema', () => {
  const step = execute({
    input,
    output: z.string(),
    prompt,
    tools: {
      refund: tool({
        description: 'Pays money back',
        input: z.object({ amount: z.number() }),
        effect: 'once',
        run: () => 'ok',
      }),
    },
  });
  expect(toolSpecsOf(step)).toEqual([
    {
      name: 'refund',
      description: 'Pays money back',
      inputSchema: {
        type: 'object',
        properties: { amount: { type: 'number' } },
        required: ['amount'],
        additionalProperties: false,
      },
    },
  ]);
  expect(toolSpecsOf(step)).toBe(toolSpecsOf(step));
});

test('an output without a JSON Schema throws; the lint turns it into a message', () => {
  expect(() => answering(z.date())).toThrow('Date cannot be represented');
});
