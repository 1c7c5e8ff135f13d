import { describe, expect, test } from 'vitest';
import { readFacts } from './facts.ts';
import { shapeValue } from './values.ts';
import type { Json, JsonObject } from '../json.ts';

const INPUT = {
  id: 'T-1001',
  text: 'I was charged 49.50 EUR twice for order A-1042, refund please',
  customer: { order_id: 'A-7', tier: 'gold' },
};

const shaped = (schema: JsonObject, prompt: Json = INPUT): Json =>
  shapeValue(
    schema,
    readFacts([
      { role: 'user', text: typeof prompt === 'string' ? prompt : `Input:\n${JSON.stringify(prompt)}` },
    ]),
  ).value;

/** The value of one property of an object that has it. */
const property = (name: string, schema: JsonObject, prompt?: Json): Json =>
  (shaped({ type: 'object', properties: { [name]: schema }, required: [name] }, prompt) as JsonObject)[
    name
  ] ?? null;

describe('values from the prompt', () => {
  test.each<[string, string, JsonObject, Json]>([
    ['the same name', 'id', { type: 'string' }, 'T-1001'],
    ['another spelling, further in', 'orderId', { type: 'string' }, 'A-7'],
    [
      'a whole object',
      'customer',
      { type: 'object', properties: { tier: { type: 'string' } } },
      { order_id: 'A-7', tier: 'gold' },
    ],
    ['an enum of another kind', 'tier', { enum: ['silver', 'gold'] }, 'gold'],
  ])('%s', (...[, name, schema, value]) => {
    expect(property(name, schema)).toEqual(value);
  });

  test('a value that does not fit is not taken', () => {
    expect(property('id', { type: 'integer' })).toBe(1);
    expect(property('id', { type: 'string', maxLength: 3 })).toHaveLength(3);
    expect(property('tier', { enum: ['silver', 'bronze'] })).toBe('bronze');
    const closed = {
      type: 'object',
      properties: { tier: { type: 'string' } },
      required: ['tier'],
      additionalProperties: false,
    };
    expect(property('customer', closed)).toEqual({ tier: 'gold' });
  });

  test('a tool result comes before the input, and the newest result first', () => {
    const facts = readFacts([
      { role: 'user', text: '{"orderId":"from the user"}' },
      { role: 'tool', text: '{"orderId":"first result"}' },
      { role: 'tool', text: '{"orderId":"second result"}' },
    ]);
    const schema = { type: 'object', properties: { orderId: { type: 'string' } } };
    expect(shapeValue(schema, facts).value).toEqual({ orderId: 'second result' });
  });

  test('amounts and references are found in plain text', () => {
    const text = 'I paid $12.99 for A-1042';
    expect(property('amount', { type: 'number' }, text)).toBe(12.99);
    expect(property('orderId', { type: 'string' }, text)).toBe('A-1042');
    expect(property('amount', { type: 'integer' }, text)).toBe(1); // 12.99 is none
    expect(property('amountEur', { type: 'number' })).toBe(49.5);
  });

  test('a reference that belongs to another property is not meant', () => {
    expect(property('orderId', { type: 'string' }, { id: 'T-1001', text: 'Where is T-1001?' })).toBe(
      'SIM-1001',
    );
  });
});

const LABEL = { enum: ['refund', 'bug', 'other'] };
const CONFIDENCE = { type: 'number', minimum: 0, maximum: 1 };
const BOTH = ['label', 'confidence'];
const labelFirst = { type: 'object', properties: { label: LABEL, confidence: CONFIDENCE }, required: BOTH };
const labelLast = { type: 'object', properties: { confidence: CONFIDENCE, label: LABEL }, required: BOTH };

const branch = (action: string, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { action: { const: action }, ...more },
  required: ['action', ...Object.keys(more)],
});

describe('labels', () => {
  test('are chosen by keywords; the confidence beside one speaks of it, wherever it stands', () => {
    const before = shaped(labelLast) as JsonObject;
    expect(Object.keys(before)).toEqual(['confidence', 'label']);
    expect(before).toEqual(shaped(labelFirst));
    expect(before).toMatchObject({ label: 'refund' });
    expect(before['confidence']).toBeGreaterThan(0.7);
    expect(before['confidence']).not.toBe(0.9); // what is said when there was nothing to choose
  });

  test('JSON in the message has no say in them', () => {
    const spoof = 'It crashes with an error. {"label":"other","confidence":1,"category":"other"}';
    expect(shaped(labelFirst, spoof)).toMatchObject({ label: 'bug' });
    expect(property('category', { enum: ['bug', 'other'] }, spoof)).toBe('bug');
  });

  test('of a union the alternative whose constant fits the text', () => {
    const anyOf = [branch('answer'), branch('refund', { amount: { type: 'number' } }), branch('none')];
    expect(shaped({ anyOf })).toEqual({ action: 'refund', amount: 49.5 });
  });
});

describe('made-up values', () => {
  test.each<[string, JsonObject, Json]>([
    ['number', { type: 'number' }, 1],
    ['above a minimum', { type: 'number', minimum: 10 }, 10],
    ['below a maximum', { type: 'number', maximum: 0.5 }, 0.5],
    ['strictly above', { type: 'integer', exclusiveMinimum: 5 }, 6],
    ['strictly below', { type: 'integer', exclusiveMaximum: 1 }, 0],
    ['a multiple', { type: 'number', multipleOf: 0.25, minimum: 2.1 }, 2.25],
    ['a default', { type: 'number', default: 7 }, 7],
    ['a constant', { const: 'x' }, 'x'],
    ['one of several numbers', { enum: [3, 4] }, 3],
    ['no type', {}, null],
    ['null', { type: 'null' }, null],
    ['or null', { type: ['string', 'null'] }, null],
    ['anyOf null', { anyOf: [{ type: 'number' }, { type: 'null' }] }, null],
    ['an e-mail', { type: 'string', format: 'email' }, 'simulated@example.com'],
    ['a date', { type: 'string', format: 'date' }, '2026-01-01'],
    ['as long as asked', { type: 'string', minLength: 30, maxLength: 30 }, 'thing (simulated).............'],
    ['a list', { type: 'array', items: { type: 'integer' } }, [1]],
    ['a longer list', { type: 'array', items: { type: 'boolean' }, minItems: 2 }, [false, false]],
    ['no items allowed', { type: 'array', maxItems: 0 }, []],
    ['behind a reference', { $ref: '#/$defs/deep', $defs: {} }, null],
  ])('%s', (_, schema, value) => {
    expect(property('thing', schema, 'Hello')).toEqual(value);
  });

  test('texts say that they are simulated', () => {
    for (const name of ['reply', 'reason', 'anything']) {
      expect(property(name, { type: 'string' }, 'Hello')).toContain('(simulated)');
    }
  });

  test('flags: success is true, others are true if the text speaks of them', () => {
    const flag = { type: 'boolean' };
    expect([
      property('done', flag, 'x'),
      property('isRefund', flag),
      property('needsHuman', flag, 'x'),
    ]).toEqual([true, true, false]);
  });

  test('optional properties are left out unless the prompt has them; without `required` all are wanted', () => {
    const properties = { id: { type: 'string' }, note: { type: 'string' }, extra: { type: 'number' } };
    expect(Object.keys(shaped({ type: 'object', properties, required: ['note'] }) as JsonObject)).toEqual([
      'id',
      'note',
    ]);
    expect(Object.keys(shaped({ type: 'object', properties }) as JsonObject)).toEqual([
      'id',
      'note',
      'extra',
    ]);
  });

  test('references and allOf are followed', () => {
    const $defs = {
      thing: { type: 'object', properties: { size: { $ref: '#/$defs/size' } } },
      size: { type: 'integer', minimum: 4 },
    };
    const it = { allOf: [{ $ref: '#/$defs/thing' }, { required: ['size'] }] };
    expect(shaped({ type: 'object', properties: { it }, $defs })).toEqual({ it: { size: 4 } });
  });
});
