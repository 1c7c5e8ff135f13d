import { describe, expect, test } from 'vitest';
import { FAULTS } from './faults.ts';
import { createWorld, eventsOf, jsonEventsOf, observe } from './test-support/observe.ts';
import { at, readAnswer } from './test-support/read-answer.ts';
import { WIRES } from './test-support/requests.ts';
import type { FaultRule } from './scenario/scenario.ts';
import type { Observed } from './test-support/observe.ts';
import type { Ask } from './test-support/requests.ts';
import type { WireFormat } from './wire/wire.ts';

const CALL = { call: 'run-r7/triage/0/1' };
const HEALTHY_TEXT = 'This is a simulated answer; no model was asked.';

const struck = (wire: WireFormat, rule: FaultRule, ask: Ask = {}): Promise<Observed> =>
  observe(wire, { ...CALL, ...ask }, createWorld({ faults: [rule] }));

const healthy = (wire: WireFormat, ask: Ask = {}): Promise<Observed> =>
  observe(wire, { ...CALL, ...ask }, createWorld());

/** Text of the answer as far as it got; a cut stream has no finish reason. */
const said = (wire: WireFormat, { text }: Observed) => readAnswer(wire, text);

const firstContentMs = ({ chunks }: Observed) => chunks.find(({ text }) => text.includes('Thi'))?.atMs ?? NaN;

describe.each(WIRES)('on the %s wire', (wire) => {
  test('stall: headers, then nothing', async () => {
    const seen = await struck(wire, { fault: 'stall' });
    expect(seen).toMatchObject({ status: 200, text: '', end: 'silent' });
  });

  test('stall: after `forMs` the answer comes as it would have', async () => {
    const usual = await healthy(wire);
    const seen = await struck(wire, { fault: 'stall', forMs: 5_000 });
    expect(seen).toMatchObject({ text: usual.text, end: 'closed', headersMs: usual.headersMs });
    expect(seen.endMs).toBeCloseTo(usual.endMs + 5_000, 6);
  });

  test('stall: pings keep coming, content does not', async () => {
    const seen = await struck(wire, { fault: 'stall', pingEveryMs: 15_000 });
    expect(seen.end).toBe('silent');
    expect(seen.chunks).toHaveLength(39); // ten minutes of them
    const pings = new Set(seen.chunks.map(({ text }) => text));
    expect([...pings]).toEqual([
      wire === 'anthropic' ? 'event: ping\ndata: {"type":"ping"}\n\n' : ': keep-alive\n\n',
    ]);
  });

  test.each([
    ['comment', /^: keep-alive\n\n$/],
    ['empty-delta', wire === 'openai' ? /"content":""/ : /"text":""/],
    ['reasoning', wire === 'openai' ? /"content":""/ : /"thinking":"Hmm. "|"thought":true/],
  ] as const)('stall: %s, and no answer', async (pingWith, wanted) => {
    const seen = await struck(wire, { fault: 'stall', pingEveryMs: 100_000, pingWith });
    expect(seen.chunks).toHaveLength(5);
    for (const { text } of seen.chunks) expect(text).toMatch(wanted);
    expect(said(wire, seen).finish).toBeNull();
    expect(seen.text).not.toContain('simulated answer');
  });

  test('stall: the next event byte by byte', async () => {
    const usual = await healthy(wire);
    const seen = await struck(wire, { fault: 'stall', pingEveryMs: 60_000, pingWith: 'byte' });
    expect(seen.chunks.every(({ text }) => text.length === 1)).toBe(true);
    expect(usual.text.startsWith(seen.text)).toBe(true);
    expect(seen.text).toHaveLength(9);
  });

  test('stall: after `forMs` the connection closes where the answer does not resume', async () => {
    const seen = await struck(wire, { fault: 'stall-mid', forMs: 30_000, resumes: false });
    const part = await struck(wire, { fault: 'cut' });
    expect(seen).toMatchObject({ text: part.text, end: 'closed' });
    expect(seen.endMs).toBeCloseTo(part.endMs + 30_000, 6);
    const mute = await struck(wire, { fault: 'stall-silent', forMs: 120_000, resumes: false });
    expect(mute).toMatchObject({ status: null, end: 'reset', endMs: 120_000 });
  });

  test('stall-silent: not even headers', async () => {
    expect(await struck(wire, { fault: 'stall-silent' })).toMatchObject({ status: null, end: 'silent' });
    const usual = await healthy(wire);
    const late = await struck(wire, { fault: 'stall-silent', forMs: 1_000 });
    expect(late).toMatchObject({ text: usual.text, end: 'closed' });
    expect(late.headersMs).toBeCloseTo((usual.headersMs ?? 0) + 1_000, 6);
  });

  test('stall-mid: part of the answer, then silence', async () => {
    const usual = await healthy(wire);
    const seen = await struck(wire, { fault: 'stall-mid', afterTokens: 4 });
    expect(seen.end).toBe('silent');
    expect(usual.text.startsWith(seen.text)).toBe(true);
    const { text, finish } = said(wire, seen);
    expect(text.length).toBeGreaterThanOrEqual(16);
    expect(text.length).toBeLessThan(HEALTHY_TEXT.length);
    expect(finish).toBeNull();
    const resumed = await struck(wire, { fault: 'stall-mid', forMs: 30_000, pingEveryMs: 10_000 });
    expect(said(wire, resumed).text).toBe(HEALTHY_TEXT);
    expect(resumed.text.length).toBeGreaterThan(usual.text.length); // the pings
  });

  test('slow: headers as usual, the first token when told', async () => {
    const usual = await healthy(wire);
    const seen = await struck(wire, { fault: 'slow', firstTokenMs: 20_000 });
    expect(seen).toMatchObject({ text: usual.text, headersMs: usual.headersMs, end: 'closed' });
    expect(firstContentMs(seen)).toBeCloseTo(20_000, 6);
    expect(await struck(wire, { fault: 'slow', firstTokenMs: 0 })).toEqual(usual);
  });

  test.each([
    ['error-500', [500, 500, 500], ['server_error', 'api_error', 'INTERNAL']],
    ['unavailable-503', [503, 503, 503], ['server_error', 'api_error', 'UNAVAILABLE']],
    ['overloaded', [503, 529, 503], ['server_error', 'overloaded_error', 'UNAVAILABLE']],
    ['rate-limit', [429, 429, 429], ['requests', 'rate_limit_error', 'RESOURCE_EXHAUSTED']],
    ['quota', [429, 429, 429], ['insufficient_quota', 'rate_limit_error', 'RESOURCE_EXHAUSTED']],
    ['auth', [401, 401, 401], ['invalid_request_error', 'authentication_error', 'UNAUTHENTICATED']],
    ['model-not-found', [404, 404, 404], ['invalid_request_error', 'not_found_error', 'NOT_FOUND']],
    [
      'context-too-large',
      [400, 400, 400],
      ['invalid_request_error', 'invalid_request_error', 'INVALID_ARGUMENT'],
    ],
  ] as const)('%s: the status and the body of this provider', async (fault, statuses, types) => {
    const seen = await struck(wire, { fault, afterMs: 75 });
    const which = WIRES.indexOf(wire);
    expect(seen).toMatchObject({ status: statuses[which], headersMs: 75, end: 'closed' });
    expect(seen.headers).toMatchObject({ 'content-type': 'application/json', 'x-simulated': 'true' });
    const { error } = JSON.parse(seen.text) as { error: { type?: string; status?: string; message: string } };
    expect(error.status ?? error.type).toBe(types[which]);
    expect(error.message).not.toBe('');
  });

  test('unavailable-503: down and up by the time since the start', async () => {
    const world = createWorld({ faults: [{ fault: 'unavailable-503', downMs: 60_000, upMs: 20_000 }] });
    const statuses: (number | null)[] = [];
    for (const waitMs of [0, 59_000, 2_000, 19_500, 10_000]) {
      await world.clock.advance(waitMs);
      statuses.push((await observe(wire, CALL, world)).status);
    }
    expect(statuses).toEqual([503, 503, 200, 503, 503]);
    expect(world.sim.calls.map(({ fault }) => fault !== null)).toEqual([true, true, false, true, true]);
    const once = createWorld({ faults: [{ fault: 'unavailable-503', downMs: 60_000 }] });
    await once.clock.advance(600_000);
    expect((await observe(wire, CALL, once)).status).toBe(200);
  });

  test('rate-limit: the provider says when to come back, each in its own way', async () => {
    const seen = await struck(wire, { fault: 'rate-limit', retryAfterMs: 1_500 });
    const inBody = at(JSON.parse(seen.text), 'error.details.0.retryDelay');
    expect([seen.headers['retry-after'], inBody]).toEqual(
      wire === 'google' ? [undefined, '1.5s'] : ['2', undefined],
    );
    const mute = await struck(wire, { fault: 'rate-limit', retryAfterMs: 0 });
    expect(mute.headers).not.toHaveProperty('retry-after');
    expect(mute.text).not.toContain('details');
  });

  test('content-filter: an error status from OpenAI, a finish of its own from the others', async () => {
    const seen = await struck(wire, { fault: 'content-filter' });
    if (wire === 'openai') {
      expect(seen.status).toBe(400);
      expect(at(JSON.parse(seen.text), 'error.code')).toBe('content_policy_violation');
    } else {
      expect(seen.status).toBe(200);
      expect(said(wire, seen)).toMatchObject({ text: '', finish: wire === 'google' ? 'SAFETY' : 'refusal' });
    }
  });

  test('html-502: a page nobody asked for', async () => {
    const seen = await struck(wire, { fault: 'html-502' });
    expect(seen).toMatchObject({ status: 502, end: 'closed' });
    expect(seen.headers['content-type']).toBe('text/html');
    expect(seen.text).toContain('502 Bad Gateway');
  });

  test('empty-200: success without a word', async () => {
    expect(await struck(wire, { fault: 'empty-200' })).toMatchObject({
      status: 200,
      text: '',
      end: 'closed',
    });
  });

  test('reset: the connection goes before any header', async () => {
    const seen = await struck(wire, { fault: 'reset', afterMs: 30 });
    expect(seen).toMatchObject({ status: null, end: 'reset', endMs: 30 });
  });

  test.each([
    ['cut', 'closed'],
    ['cut-reset', 'reset'],
  ] as const)('%s: part of the answer, then the connection is gone', async (fault, end) => {
    const usual = await healthy(wire);
    const seen = await struck(wire, { fault });
    expect(seen).toMatchObject({ status: 200, end });
    expect(usual.text.startsWith(seen.text)).toBe(true);
    const { text, finish, usage } = said(wire, seen);
    expect(text.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThan(HEALTHY_TEXT.length);
    expect({ finish, usage }).toEqual({ finish: null, usage: null });
    const atOnce = await struck(wire, { fault, afterTokens: 0 });
    expect(said(wire, atOnce).text).toBe('');
    const late = await struck(wire, { fault, afterTokens: 1_000 });
    expect(said(wire, late)).toMatchObject({ text: HEALTHY_TEXT, finish: null });
  });

  test('no-end-marker: everything but the marker', async () => {
    const seen = await struck(wire, { fault: 'no-end-marker' });
    const usual = await healthy(wire);
    expect(seen.end).toBe('closed');
    expect(said(wire, seen)).toEqual(said(wire, usual));
    expect(seen.text).not.toMatch(/\[DONE\]|message_stop/);
  });

  test('held-open: everything, and the connection stays', async () => {
    const usual = await healthy(wire);
    expect(await struck(wire, { fault: 'held-open' })).toMatchObject({ text: usual.text, end: 'silent' });
    const bare = await struck(wire, { fault: 'held-open', endMarker: false });
    expect(said(wire, bare)).toEqual(said(wire, usual));
    expect(bare.text).not.toMatch(/\[DONE\]|message_stop/);
  });

  test('malformed-event: one event more, and it is not JSON', async () => {
    const usual = await healthy(wire);
    const seen = await struck(wire, { fault: 'malformed-event' });
    const broken = eventsOf(seen.text).filter(({ data, json }) => json === undefined && data !== '[DONE]');
    expect(broken).toHaveLength(1);
    expect(seen.text.replace(`data: ${broken[0]?.data}\n\n`, '')).toBe(usual.text);
  });

  test('error-in-stream: 200, then an error event and the end', async () => {
    const seen = await struck(wire, { fault: 'error-in-stream' });
    expect(seen).toMatchObject({ status: 200, end: 'closed' });
    const last = jsonEventsOf(seen.text).at(-1);
    expect(at(last, 'error.message')).toMatch(/overloaded/i);
    expect(eventsOf(seen.text).at(-1)?.event).toBe(wire === 'anthropic' ? 'error' : undefined);
    expect(said(wire, seen).text.length).toBeGreaterThan(0);
    const early = await struck(wire, { fault: 'error-in-stream', afterTokens: 0 });
    expect(said(wire, early).text).toBe('');
    const whole = await struck(wire, { fault: 'error-in-stream' }, { stream: false });
    expect(whole.status).toBe(200);
    expect(at(JSON.parse(whole.text), 'error.message')).toMatch(/overloaded/i);
  });

  test('invalid-json-answer: a perfect stream with the wrong answer, and nothing without a schema', async () => {
    const schema = { type: 'object', properties: { label: { enum: ['bug', 'other'] } }, required: ['label'] };
    const seen = await struck(wire, { fault: 'invalid-json-answer' }, { schema });
    const { text, finish } = said(wire, seen);
    expect(JSON.parse(text)).not.toHaveProperty('label');
    expect(finish).toBe(said(wire, await healthy(wire, { schema })).finish);
    expect(await struck(wire, { fault: 'invalid-json-answer' })).toEqual(await healthy(wire));
  });

  test('brownout: some fail after a wait, the others take longer to begin', async () => {
    const failed = await struck(wire, { fault: 'brownout', errorShare: 1, afterMs: 900 });
    expect(failed).toMatchObject({ status: wire === 'anthropic' ? 529 : 503, headersMs: 900 });
    const usual = await healthy(wire);
    const slow = await struck(wire, { fault: 'brownout', errorShare: 0, slowdown: 3 });
    expect(slow.text).toBe(usual.text);
    expect(firstContentMs(slow)).toBeCloseTo(3 * firstContentMs(usual), 6);
  });

  test('whatever strikes, a call that is not streamed has no complete answer or is complete', async () => {
    const usual = await healthy(wire, { stream: false });
    for (const fault of ['cut', 'cut-reset', 'stall-mid', 'malformed-event'] as const) {
      const seen = await struck(wire, { fault }, { stream: false });
      expect(() => JSON.parse(seen.text), fault).toThrow();
    }
    for (const fault of ['held-open', 'no-end-marker'] as const) {
      expect((await struck(wire, { fault }, { stream: false })).text, fault).toBe(usual.text);
    }
  });
});

test('every fault leaves no timer behind and is journalled under its name, on every wire', async () => {
  for (const fault of Object.keys(FAULTS) as FaultRule['fault'][]) {
    const schema = { type: 'object', properties: { done: { type: 'boolean' } } };
    const world = createWorld({ faults: [{ fault }] });
    const ends = [];
    for (const wire of WIRES) ends.push((await observe(wire, { ...CALL, schema }, world)).end);
    expect(world.sim.calls.map((call) => call.fault)).toEqual([fault, fault, fault]);
    const expected = ends.map((end) => (end === 'silent' ? 'cancelled' : 'faulted'));
    expect(world.sim.calls.map(({ ended }) => ended)).toEqual(expected);
    expect(world.clock.pendingTimers(), fault).toBe(0);
  }
});
