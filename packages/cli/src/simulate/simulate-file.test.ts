import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../cli.ts';
import { testIo } from '../test-support/io.ts';

const cwd = fileURLToPath(new URL('../test-support/flows', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-simulate-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function simulate(...args: readonly string[]) {
  const io = testIo({ cwd });
  const code = await main(['check', ...args], io);
  return { code, out: io.out(), err: io.err() };
}

const ASK = ['ask.ts', '--config', 'real.config.ts', '--simulate', '200'];

test('it shows shares, times and cost, and says that it is a model', async () => {
  const { code, out } = await simulate(...ASK, '--scenario', 'calm');
  expect(out).toMatch(/^ask {3}200 simulated runs {3}scenario calm {3}seed 1$/m);
  expect(out).toMatch(/^A model of the chain, not of the wire: no model was asked/m);
  expect(out).toMatch(/^succeeded +100\.00 % /m);
  expect(out).toMatch(/^run time {3}p50 \d+ ms {3}p95 \d+ ms {3}p99 /m);
  expect(out).toMatch(/^triage +1\.00 +0\.0 % /m);
  expect(code).toBe(0);
});

test('--json: one object, the same for the same seed', async () => {
  const [one, again, other] = await Promise.all(
    ['5', '5', '6'].map((seed) => simulate(...ASK, '--json', '--seed', seed)),
  );
  const prediction = JSON.parse(one?.out ?? '') as Record<string, unknown>;
  expect(prediction).toMatchObject({
    model: 'chain',
    workflowId: 'ask',
    budgetMs: 5_000,
    runs: 200,
    seed: 5,
  });
  expect(again?.out).toBe(one?.out);
  expect(other?.out).not.toBe(one?.out);
});

test('a scenario of its own, and lengths of prompts and answers', async () => {
  const file = join(folder, 'scenario.json');
  const latency = { firstTokenMs: { p50: 300, p95: 300 }, tokensPerSecond: 1_000_000 };
  const providers = { openai: { wire: 'openai', latency }, groq: { wire: 'openai', latency } };
  await writeFile(file, JSON.stringify({ providers }));
  const { out } = await simulate(...ASK, '--json', '--scenario', file, '--tokens', 'triage=1000000/1');
  expect(JSON.parse(out)).toMatchObject({ p50Ms: expect.closeTo(300, 0), succeeded: 1 });
  expect((JSON.parse(out) as { meanUsd: number }).meanUsd).toBeGreaterThan(0.1);
});

test.each([
  [['--branch', 'nowhere=1,1'], /There is no state `nowhere`\. The states are: asking, done, unknown\./],
  [['--branch', 'asking=1,1'], /State `asking` was given 2 weights, but it has no branches\./],
  [['--branch', 'asking'], /Expected a state and a weight for each of its branches/],
  [['--branch', 'asking=0,0'], /Expected a state and a weight for each of its branches/],
  [['--tokens', 'reply=1/1'], /There is no step `reply`\. The steps are: triage\./],
  [['--tokens', 'triage=1'], /Expected a step with tokens/],
  [['--scenario', 'nonsense'], /Scenario nonsense: neither a file nor one of/],
  [['--strict'], /cannot be used with/],
])('%j cannot begin: exit code 2', async (args, message) => {
  const { code, err } = await simulate(...ASK, ...args);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});

test('without a config nobody could be asked', async () => {
  const { code, err } = await simulate('alone/echo.ts', '--simulate', '10');
  expect(err).toContain('To simulate, a config has to say which models are asked.');
  expect(code).toBe(2);
});
