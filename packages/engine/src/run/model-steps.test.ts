import { GatewayError } from '@paceline/gateway';
import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { classify, reason } from '../define/steps.ts';
import { attempt } from '../test-support/attempts.ts';
import { createEngine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import type { Reply } from '../test-support/gateway.ts';
import { oneStep, runStepAlone, scriptedWorld } from '../test-support/one-step.ts';
import { labelProbability } from './classify-step.ts';

const Text = z.object({ text: z.string() });
const decide = reason({
  input: Text,
  output: z.object({ amount: z.number() }),
  prompt: ({ input }) => ({ system: 'Be brief.', user: input.text }),
});
const triage = classify({ input: Text, labels: ['refund', 'bug'], prompt: ({ input }) => input.text });

describe('reason', () => {
  test('turns the role into a request and the answer into the output', async () => {
    const { outcome, gateway } = await runStepAlone(
      { ...decide, limits: { firstChunkMs: 100 }, maxOutputTokens: 50, temperature: 0 },
      { text: 'how much?' },
      { replies: ['{"amount":3}'] },
    );
    expect(outcome).toMatchObject({ ok: true, output: { amount: 3 }, spend: { calls: 1, knownUsd: 0.01 } });
    const [request] = gateway.requests;
    expect(request).toMatchObject({
      route: 'reason',
      messages: [
        { role: 'system', text: 'Be brief.' },
        { role: 'user', text: 'how much?' },
      ],
      answer: { type: 'json' },
      limits: { firstChunkMs: 100 },
      maxOutputTokens: 50,
      temperature: 0,
      call: { runId: 'run', step: 'step', turn: 0 },
      labels: {},
    });
    expect(request!.deadline.atMs).toBe(9_990);
    expect(request).not.toHaveProperty('tools');
  });

  test('a step may name its route, and its deadline is its own limit', async () => {
    const { gateway } = await runStepAlone(
      { ...decide, route: 'careful', totalMs: 700 },
      { text: '' },
      { replies: ['{"amount":3}'] },
    );
    expect(gateway.requests[0]).toMatchObject({ route: 'careful', deadline: { atMs: 700 } });
  });

  test('shows the model what was wrong, once', async () => {
    const { outcome, gateway } = await runStepAlone(
      decide,
      { text: '?' },
      { replies: ['{"amount":"3"}', '{"amount":3}'] },
    );
    expect(outcome).toMatchObject({ ok: true, output: { amount: 3 }, spend: { calls: 2 } });
    const [, second] = gateway.requests;
    expect(second!.call.turn).toBe(1);
    expect(second!.messages.slice(2)).toEqual([
      { role: 'assistant', text: '{"amount":"3"}' },
      { role: 'user', text: expect.stringContaining('amount') },
    ]);
  });

  test('says what the gateway’s cache and the provider’s may do, if the step does', async () => {
    const { gateway } = await runStepAlone(
      { ...decide, cache: 'refresh', promptCache: { ttl: '1h' } },
      { text: '?' },
      { replies: ['{"amount":3}'] },
    );
    expect(gateway.requests[0]).toMatchObject({ cache: 'refresh', promptCache: { ttl: '1h' } });
  });

  test('gives up after the second answer that does not fit', async () => {
    const { outcome, gateway } = await runStepAlone(
      decide,
      { text: '?' },
      { replies: ['no', 'still no', '{"amount":3}'] },
    );
    expect(gateway.requests).toHaveLength(2);
    expect(outcome.steps[0]).toMatchObject({ failure: { code: 'ANSWER_INVALID' }, attempts: [{}, {}] });
    expect(outcome.spend.calls).toBe(2);
  });

  test('says when an answer was cut off at the token limit', async () => {
    const cut = { text: '{"amo', finishReason: 'length' } as const;
    const { outcome } = await runStepAlone(decide, { text: '?' }, { replies: [cut] });
    expect(outcome.steps[0]!.failure!.message).toContain('token limit');
  });

  test('a failing call is a failure of the step with the code and the attempts of the gateway', async () => {
    const attempts = [
      attempt({ outcome: 'error', code: 'PROVIDER_STALLED', costUsd: 0.02 }),
      attempt({ attempt: 2, kind: 'failover', target: 'b/two', outcome: 'error', costUsd: null }),
    ];
    const fails = () => Promise.reject(new GatewayError('NO_TARGET_LEFT', 'all down', { attempts }));
    const { outcome } = await runStepAlone(decide, { text: '?' }, { replies: [fails] });
    expect(outcome.steps[0]).toMatchObject({
      failure: { code: 'NO_TARGET_LEFT', message: 'all down' },
      attempts,
    });
    expect(outcome.spend).toMatchObject({
      calls: 1,
      attempts: 2,
      failovers: 1,
      knownUsd: 0.02,
      unpricedAttempts: 1,
      byProvider: { a: 0.02, b: 0 },
    });
  });

  test('a prompt that throws is a failure of the step, before any call', async () => {
    const broken = reason({
      ...decide,
      prompt: () => {
        throw new Error('no prompt');
      },
    });
    const { outcome, gateway } = await runStepAlone(broken, { text: '?' });
    expect(outcome.steps[0]!.failure).toMatchObject({ code: 'STEP_FAILED', message: 'no prompt' });
    expect(gateway.requests).toHaveLength(0);
  });

  test('turns of a later visit have other identities', async () => {
    const { clock, engine, gateway } = scriptedWorld('no', 'no', '{"amount":3}');
    const workflow = oneStep(decide);
    await clock.run(engine.run(workflow, { text: '?' }, { runId: 'once' }));
    expect(gateway.requests.map(({ call }) => call.turn)).toEqual([0, 1]);
  });

  test('all calls of a run share its money and its retries', async () => {
    const { gateway } = await runStepAlone(
      decide,
      { text: '?' },
      {
        replies: ['no', '{"amount":3}'],
        budget: { totalMs: 10_000, usd: 0.5 },
      },
    );
    const [first, second] = gateway.requests;
    expect(first!.budget!.money.capUsd).toBe(0.5);
    expect(second!.budget).toBe(first!.budget);
  });
});

const labelled = (confidence: unknown, rest: object = {}) => ({
  text: JSON.stringify({ label: 'bug', confidence }),
  ...rest,
});

describe('classify', () => {
  test('takes what the model says of itself when there are no log probabilities', async () => {
    const { outcome, gateway } = await runStepAlone(triage, { text: 'crash' }, { replies: [labelled(0.7)] });
    expect(outcome.ok && outcome.output).toEqual({
      label: 'bug',
      confidence: 0.7,
      confidenceSource: 'self-reported',
    });
    expect(gateway.requests[0]).toMatchObject({ route: 'classify', logprobs: true });
  });

  test.each([[undefined], ['high'], [7], [null]])(
    'has no confidence where the model says %j',
    async (said) => {
      const { outcome } = await runStepAlone(triage, { text: 'crash' }, { replies: [labelled(said)] });
      expect(outcome.ok && outcome.output).toEqual({
        label: 'bug',
        confidence: null,
        confidenceSource: 'none',
      });
    },
  );

  test('prefers the probability of the tokens of the label', async () => {
    const tokens = [
      ['{"label"', -5],
      [':"', -5],
      ['bu', Math.log(0.5)],
      ['g', Math.log(0.5)],
      ['","confidence":0.9}', -5],
    ];
    const logprobs = tokens.map(([token, logprob]) => ({
      token: token as string,
      logprob: logprob as number,
    }));
    const { outcome } = await runStepAlone(
      triage,
      { text: 'crash' },
      { replies: [labelled(0.9, { logprobs })] },
    );
    expect(outcome.ok && outcome.output).toMatchObject({ label: 'bug', confidenceSource: 'logprobs' });
    expect((outcome.ok && (outcome.output as { confidence: number }).confidence) || 0).toBeCloseTo(0.25);
  });

  test('a label that does not exist is shown to the model', async () => {
    const { outcome, gateway } = await runStepAlone(
      triage,
      { text: 'crash' },
      { replies: ['{"label":"praise"}', labelled(1)] },
    );
    expect(outcome).toMatchObject({ ok: true, output: { label: 'bug' } });
    expect(gateway.requests).toHaveLength(2);
  });

  test.each([
    ['the tokens do not hold the label', 'refund', ['{"label":"', 'bug"}']],
    ['there is no label at all', 'bug', ['bug']],
    ['there are no tokens', 'bug', []],
  ])('measures nothing where %s', (_, label, tokens) => {
    expect(
      labelProbability(
        label,
        tokens.map((token) => ({ token, logprob: -1 })),
      ),
    ).toBeNull();
  });

  test('counts a token that reaches over the ends of the label', () => {
    expect(
      labelProbability('bug', [{ token: '{"label": "bug", "x":1}', logprob: Math.log(0.8) }]),
    ).toBeCloseTo(0.8);
  });
});

/** Answers a cancelled call the way the gateway does: with what it had cost by then. */
const cancelledCall: Reply = ({ signal }) =>
  new Promise((_, reject) => {
    const attempts = [attempt({ outcome: 'cancelled', costUsd: 0.03 })];
    signal.addEventListener('abort', () => reject(new GatewayError('CANCELLED', 'stopped', { attempts })));
  });

test('what a cancelled call has cost is kept', async () => {
  const { clock, engine, journal } = scriptedWorld(cancelledCall);
  const handle = engine.start(oneStep(decide), { text: '?' }, { runId: 'run' });
  await clock.advance(50);
  handle.cancel('changed my mind');
  const outcome = await clock.run(handle.result);
  expect(outcome).toMatchObject({
    status: 'cancelled',
    error: { code: 'CANCELLED', message: 'changed my mind' },
    spend: { knownUsd: 0.03, calls: 1 },
    ms: 50,
  });
  expect((await journal.load('run'))!.spend.knownUsd).toBe(0.03);
});

test('it is in the outcome even if the journal has let go of the run', async () => {
  const clock = createVirtualClock();
  const journal = memoryJournal({ retainRuns: 0 });
  const engine = createEngine({ gateway: scriptedGateway(cancelledCall), journal, clock });
  const handle = engine.start(oneStep(decide), { text: '?' });
  await clock.advance(50);
  handle.cancel();
  expect(await clock.run(handle.result)).toMatchObject({ status: 'cancelled', spend: { knownUsd: 0.03 } });
});

test('every model call says on whose behalf it is made; the run remembers it', async () => {
  const { clock, engine, gateway, journal } = scriptedWorld('{"amount":3}');
  const caller = { tenant: 'acme', criticality: 'sheddable' } as const;
  await clock.run(engine.run(oneStep(decide), { text: 'x' }, { runId: 'run', ...caller }));
  expect(gateway.requests[0]).toMatchObject(caller);
  expect((await journal.load('run'))?.caller).toEqual(caller);
  await clock.run(engine.run(oneStep(decide), { text: 'x' }, { runId: 'nobody' }));
  expect(gateway.requests[1]).not.toHaveProperty('tenant');
  expect(await journal.load('nobody')).not.toHaveProperty('caller');
});

test('hedges are counted apart; a continuation is a failover', async () => {
  const attempts = (['first', 'hedge', 'continuation', 'retry'] as const).map((kind) => attempt({ kind }));
  const { outcome } = await runStepAlone(
    decide,
    { text: 'x' },
    { replies: [{ text: '{"amount":3}', attempts }] },
  );
  expect(outcome.spend).toMatchObject({ calls: 1, attempts: 4, hedges: 1, failovers: 1, retries: 1 });
});
