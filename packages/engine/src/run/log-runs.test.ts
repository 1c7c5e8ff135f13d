import type { GatewayError, LogConfig, ModelRequest } from '@paceline/gateway';
import { deadlineIn } from '@paceline/resilience';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Step } from '../define/step.ts';
import { code, execute, reason, tool } from '../define/steps.ts';
import { createEngine } from '../engine.ts';
import type { EngineEvent } from '../events.ts';
import { oneStep } from '../test-support/one-step.ts';
import { wiredWorld } from '../test-support/wired.ts';

type Line = Readonly<Record<string, unknown>>;

const TEXT = z.object({ text: z.string() });
const CANARY = 'canary-5f3a9c1e77';

/** Runs one step on the real gateway, which logs into memory. */
async function runLogged(step: Step, log: LogConfig = {}) {
  const written: string[] = [];
  const to = { write: (line: string) => void written.push(line) };
  const world = wiredWorld({ config: { log: { to, ...log } } });
  const labels = { team: 'cx' };
  const outcome = await world.clock.run(
    world.engine.run(oneStep(step), { text: 'lamp' }, { runId: 'run', labels }),
  );
  return { outcome, lines: written.map((line) => JSON.parse(line) as Line) };
}

const asking = (policy: { readonly logPayload?: 'full' | 'hash' | 'none' } = {}) =>
  reason({ input: TEXT, output: TEXT, prompt: () => 'Where is the lamp?', ...policy });

const failing = code({
  input: TEXT,
  output: TEXT,
  effect: 'pure',
  run: () => {
    throw new Error('cannot reach postgres://app:pa55@db/x');
  },
});

test('a run says when it begins and how it ends, and its calls say which they are', async () => {
  const { lines, outcome } = await runLogged(asking());
  expect(lines).toMatchObject([
    {
      level: 'info',
      event: 'run-start',
      runId: 'run',
      workflow: 'one-step',
      labels: { team: 'cx' },
      totalMs: expect.any(Number),
    },
    {
      level: 'info',
      event: 'call-end',
      call: 'run/step/0',
      runId: 'run',
      workflow: 'one-step',
      step: 'step',
      turn: 0,
      labels: { team: 'cx' },
    },
    {
      level: 'info',
      event: 'run-end',
      runId: 'run',
      status: 'succeeded',
      costUsd: outcome.spend.knownUsd,
      calls: 1,
      attempts: 1,
    },
  ]);
});

test('a step that fails is a warning, without what looks like a secret', async () => {
  const { lines, outcome } = await runLogged(failing);
  const message = 'cannot reach postgres://app:[redacted]@db/x';
  expect(lines.slice(1)).toMatchObject([
    { level: 'warn', event: 'step-error', step: 'step', visit: 1, code: 'STEP_FAILED', message },
    { level: 'warn', event: 'run-end', status: 'degraded' },
  ]);
  expect(JSON.stringify(outcome)).not.toContain('pa55');
});

test('steps and tools are told of at `debug`, and never what they were given', async () => {
  const acting = execute({
    input: TEXT,
    output: TEXT,
    prompt: () => 'Look.',
    tools: {
      look: tool({ description: 'Looks', input: TEXT, effect: 'pure', run: () => 'seen-by-the-tool' }),
    },
  });
  const { lines } = await runLogged(acting, { level: 'debug' });
  const ofEngine = lines.filter(({ afterMs }) => afterMs !== undefined);
  expect(ofEngine.map(({ event }) => event)).toEqual([
    'run-start',
    'step-start',
    'tool-start',
    'tool-end',
    'step-end',
    'run-end',
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/lamp|seen-by-the-tool/);
});

describe("a step's word on its payload", () => {
  test.each([
    ['full', 'none', undefined],
    ['full', undefined, [{ role: 'user', text: 'Where is the lamp?' }]],
    ['none', 'full', undefined],
  ] as const)('the operator says %s, the step %s', async (payload, logPayload, prompt) => {
    const { lines } = await runLogged(asking(logPayload && { logPayload }), { payload });
    expect(lines.find(({ event }) => event === 'call-end')?.prompt).toEqual(prompt);
  });
});

test("an engine's secrets are kept from the gateway's log, errors and events", async () => {
  const written: string[] = [];
  const { gateway, clock } = wiredWorld({
    config: { log: { to: { write: (line: string) => void written.push(line) }, payload: 'full' } },
  });
  createEngine({ gateway, clock, secrets: { MAIL_KEY: CANARY } });
  const request: ModelRequest = {
    route: CANARY,
    messages: [{ role: 'user', text: `the key is ${CANARY}` }],
    answer: { type: 'text' },
    deadline: deadlineIn(clock, 1_000),
    signal: new AbortController().signal,
    call: { runId: 'run', step: 'step', turn: 0 },
  };
  const error = await clock.run(gateway.generate(request).catch((thrown: GatewayError) => thrown));
  expect(error).toMatchObject({ code: 'REQUEST_INVALID' });
  expect((error as GatewayError).stack).not.toContain(CANARY);
  await clock.run(gateway.generate({ ...request, route: 'reason' }));
  expect(written).toHaveLength(2);
  expect(written.join('')).not.toContain(CANARY);
});

test('events of a run that is refused for a secret do not tell it', async () => {
  const { gateway, clock } = wiredWorld();
  const engine = createEngine({ gateway, clock, secrets: { MAIL_KEY: CANARY } });
  const events: EngineEvent[] = [];
  engine.events.on('run-start', (event) => events.push(event));
  const handle = engine.start(oneStep(failing), { text: 'x' }, { labels: { key: CANARY } });
  expect(await clock.run(handle.result)).toMatchObject({ error: { code: 'SECRET_IN_STATE' } });
  for await (const event of handle.events) events.push(event);
  expect(events.length).toBeGreaterThan(2);
  expect(JSON.stringify(events)).not.toContain(CANARY);
});
