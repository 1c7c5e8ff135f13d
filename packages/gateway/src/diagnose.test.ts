import { describe, expect, test } from 'vitest';
import { nothingCollected } from './collect.ts';
import { diagnose } from './diagnose.ts';
import { noEvidence } from './wire/evidence.ts';
import { eventData, WIRES } from './wire/wires.ts';
import type { WireFormat } from './config.ts';
import type { Symptoms } from './diagnose.ts';
import type { Evidence } from './wire/evidence.ts';

/** A stream that ended well, and what the adapter made of it. */
const COMPLETE: Partial<Evidence> = { sent: true, status: 200, stopReason: 'stop', ended: true };

const collected = (unified: string | null, raw?: string) => ({
  ...nothingCollected(),
  text: 'Hello',
  finish: unified === null ? null : { unified: unified as 'stop', raw },
});

function diagnosed(evidence: Partial<Evidence>, rest: Partial<Symptoms> = {}) {
  return diagnose({
    error: undefined,
    evidence: { ...noEvidence(), ...COMPLETE, ...evidence },
    collected: collected('stop', 'stop'),
    tapped: true,
    epochMs: 0,
    ...rest,
  });
}

describe('an answer is complete', () => {
  test('when the stop reason was seen and the adapter finished', () => {
    expect(diagnosed({})).toBeNull();
    expect(diagnosed({ ended: false })).toBeNull();
  });

  test('and not because the adapter says so: the bytes must show the stop reason', () => {
    expect(diagnosed({ stopReason: null })?.verdict.code).toBe('PROVIDER_INTERRUPTED');
  });

  test('and not because the bytes say so: the adapter must have finished', () => {
    expect(diagnosed({}, { collected: collected(null) })?.verdict.code).toBe('PROVIDER_INTERRUPTED');
    expect(diagnosed({}, { collected: collected('interrupted') })?.verdict.code).toBe('PROVIDER_INTERRUPTED');
  });

  test('for a model of the user’s own when its finish part names a reason', () => {
    const own = { sent: false, status: null, stopReason: null };
    expect(diagnosed(own, { tapped: false })).toBeNull();
    const nothing = { tapped: false, collected: collected('other') };
    expect(diagnosed(own, nothing)?.verdict.code).toBe('PROVIDER_INTERRUPTED');
  });
});

describe('a stop reason that is no answer', () => {
  test('a filter stops the call', () => {
    const { verdict, message } = diagnosed({}, { collected: collected('content-filter', 'SAFETY') })!;
    expect(verdict).toMatchObject({ code: 'CONTENT_FILTERED', otherTarget: false });
    expect(message).toContain('SAFETY');
  });

  test('an error of the model is worth another sample and no mark against the target', () => {
    const { verdict } = diagnosed({}, { collected: collected('error', 'MALFORMED_FUNCTION_CALL') })!;
    expect(verdict).toMatchObject({ code: 'PROVIDER_ERROR', sameTarget: 'yes', breaker: 'ignored' });
  });
});

describe('what the connection did', () => {
  test.each([
    ['broke', { broken: true, stopReason: null }, 'PROVIDER_INTERRUPTED'],
    ['was too large', { overrun: 'Too large.', stopReason: null }, 'PROVIDER_MALFORMED'],
    ['never answered', { status: null, stopReason: null, ended: false }, 'PROVIDER_UNREACHABLE'],
    ['brought a page', { body: '<html></html>', stopReason: null }, 'PROVIDER_MALFORMED'],
    [
      'brought JSON where a stream was due',
      { body: '{"choices":[]}', stopReason: null },
      'PROVIDER_MALFORMED',
    ],
  ] as const)('it %s', (...[, evidence, code]) => {
    expect(diagnosed(evidence, { error: new Error('x') })?.verdict.code).toBe(code);
  });

  test('a request the adapter cannot express was never sent; another target may take it', () => {
    const never = { sent: false, status: null, stopReason: null, ended: false };
    expect(diagnosed(never, { error: new Error('no such tool') })?.verdict).toMatchObject({
      code: 'PROVIDER_REJECTED',
      otherTarget: true,
    });
  });

  test('an adapter that stumbles over a whole stream does not name what it read', () => {
    const error = Object.assign(new Error('Bad JSON: "secret"'), { name: 'AI_JSONParseError' });
    const found = diagnosed({ stopReason: null }, { error })!;
    expect(found.verdict.code).toBe('PROVIDER_MALFORMED');
    expect(found.message).not.toContain('secret');
  });
});

describe('an error inside an answer of status 200', () => {
  test.each([
    ['an object', { error: { code: 429, message: 'Slow' } }, 'RATE_LIMITED'],
    ['a list', [{ error: { status: 'UNAVAILABLE' } }], 'PROVIDER_OVERLOADED'],
    ['a string', { error: 'insufficient balance' }, 'QUOTA_EXHAUSTED'],
    ['errors', { success: false, errors: [{ message: 'Boom' }] }, 'PROVIDER_ERROR'],
    ['Mistral’s', { object: 'error', message: 'Boom' }, 'PROVIDER_ERROR'],
    ['Anthropic’s', { type: 'error', error: { type: 'overloaded_error' } }, 'PROVIDER_OVERLOADED'],
    ['MiniMax’s', { base_resp: { status_code: 1008, status_msg: 'x' } }, 'QUOTA_EXHAUSTED'],
  ] as const)('in place of the stream: %s', (...[, body, code]) => {
    const evidence = { body: JSON.stringify(body), stopReason: null, ended: false };
    expect(diagnosed(evidence)?.verdict.code).toBe(code);
  });

  const STREAMS: Readonly<Record<Exclude<WireFormat, 'openai-compatible'>, readonly unknown[]>> = {
    openai: [
      { choices: [{ delta: { content: 'Hel' }, finish_reason: null }] },
      { choices: [{ delta: { content: 'lo' }, finish_reason: null }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
    ],
    anthropic: [
      { type: 'message_start', message: { stop_reason: null } },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hello' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
    ],
    google: [
      { candidates: [{ content: { parts: [{ text: 'Hel' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'lo' }] }, finishReason: 'STOP' }] },
    ],
    cohere: [
      { type: 'content-delta', delta: { message: { content: { text: 'Hello' } } } },
      { type: 'message-end', delta: { finish_reason: 'COMPLETE' } },
    ],
    bedrock: [
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hello' } } },
      { messageStop: { stopReason: 'end_turn' } },
    ],
  };
  const ERRORS = {
    openai: { error: { message: 'Overloaded', type: 'server_error', code: 503 } },
    anthropic: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    google: { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } },
    cohere: { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'The model is overloaded.' } },
    bedrock: { error: { type: 'serviceUnavailableException', message: 'Try again later.' } },
  };

  test.each(Object.keys(ERRORS) as (keyof typeof ERRORS)[])('at any point of a stream: %s', (wire) => {
    for (let at = 0; at <= STREAMS[wire].length; at++) {
      const evidence = noEvidence();
      for (const data of STREAMS[wire].toSpliced(at, 0, ERRORS[wire])) {
        const [parsed] = eventData(`data: ${JSON.stringify(data)}\n\n`);
        const sign = WIRES[wire].read(parsed);
        evidence.inBandError ??= sign.error;
        evidence.stopReason = sign.stopReason ?? evidence.stopReason;
      }
      expect(diagnosed(evidence)?.verdict).toMatchObject({ code: 'PROVIDER_OVERLOADED', otherTarget: true });
    }
  });
});

test('a model on a connection of its own carries its answer in its error', () => {
  const error = { statusCode: 429, responseHeaders: { 'retry-after': '3' }, responseBody: '{"error":{}}' };
  const own = { sent: false, status: null, stopReason: null };
  expect(diagnosed(own, { error, tapped: false })?.verdict).toMatchObject({
    code: 'RATE_LIMITED',
    hintMs: 3_000,
  });
  const odd = { ...error, responseHeaders: { 'no header\n': {} } };
  expect(diagnosed(own, { error: odd, tapped: false })?.verdict).toMatchObject({ hintMs: null });
  expect(diagnosed(own, { error: new Error('x'), tapped: false })?.verdict.code).toBe('PROVIDER_ERROR');
});
