import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createSimulator } from '@paceline/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from './cli.ts';
import { testIo } from './test-support/io.ts';
import type { Listening, Simulator } from '@paceline/simulator';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const cwd = here('test-support/flows/alone');
const ASK = ['run', 'ask.ts', '--input', '{"text":"It crashes. What a bug."}'];

let simulator: Simulator;
let listening: Listening;
beforeAll(async () => {
  simulator = createSimulator({
    seed: 1,
    scenario: { providers: { openai: { wire: 'openai' }, anthropic: { wire: 'anthropic' } } },
  });
  listening = await simulator.listen();
});
afterAll(() => listening.close());

const baseUrlOf = (provider: string) => simulator.providers(listening.url)[provider]?.baseUrl ?? '';

async function paceline(args: readonly string[], env: Record<string, string> = {}) {
  const io = testIo({ cwd, env });
  return { code: await main(args, io), out: io.out(), err: io.err() };
}

test('the real command, with a key and no config, calls that provider and says so', async () => {
  const before = simulator.calls.length;
  const env = { PATH: process.env['PATH'], OPENAI_API_KEY: 'sk-mine', OPENAI_BASE_URL: baseUrlOf('openai') };
  const child = spawn(process.execPath, [here('main.ts'), ...ASK, '--json'], { cwd, env });
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.err += text));
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(written.out).toContain('"status":"succeeded"');
  expect(written.err).toContain(
    'There is no paceline.config.ts beside ask.ts, so the models are those of the keys in the environment: OPENAI_API_KEY.',
  );
  expect(written.err).not.toContain('sk-mine');
  const calls = simulator.calls.slice(before);
  expect(calls.map(({ provider, model }) => `${provider}/${model}`)).toEqual(['openai/gpt-4.1-mini']);
});

test('what it says is the config to write down', async () => {
  const { code, err } = await paceline(ASK, {
    OPENAI_API_KEY: 'sk-1',
    ANTHROPIC_API_KEY: 'sk-2',
    ANTHROPIC_BASE_URL: baseUrlOf('anthropic'),
  });
  expect(code).toBe(0);
  const config = err.split('\n').filter((line) => line.startsWith('  '));
  expect(config).toEqual([
    `  import { defineConfig } from '@paceline/gateway';`,
    '  export default defineConfig({',
    '    roles: {',
    `      classify: ['anthropic/claude-haiku-4-5', 'openai/gpt-4.1-mini'],`,
    `      reason: ['anthropic/claude-sonnet-5', 'openai/gpt-5.2'],`,
    `      execute: ['anthropic/claude-haiku-4-5', 'openai/gpt-5-mini'],`,
    '    },',
    '    providers: {',
    `      anthropic: { baseUrl: '${baseUrlOf('anthropic')}', apiKey: 'env:ANTHROPIC_API_KEY' },`,
    '    },',
    '  });',
  ]);
});

test('a key that lacks something is passed over, and says what', async () => {
  const { code, err } = await paceline(ASK, {
    OPENAI_API_KEY: 'sk-1',
    OPENAI_BASE_URL: baseUrlOf('openai'),
    CLOUDFLARE_API_TOKEN: 'cf-1',
  });
  expect(code).toBe(0);
  expect(err).toContain(
    'CLOUDFLARE_API_TOKEN is set, but CLOUDFLARE_ACCOUNT_ID is not in the environment (export CLOUDFLARE_ACCOUNT_ID=...).',
  );
});

test('without a key it says which to set', async () => {
  const { code, err } = await paceline(ASK);
  expect(code).toBe(2);
  expect(err).toMatch(
    /^paceline: There is no paceline\.config\.ts beside ask\.ts\. No provider's key is in the/,
  );
  expect(err).toContain('\n  export OPENAI_API_KEY=...\n');
  expect(err).toContain('--config');
});

test('a workflow that calls no model needs neither', async () => {
  const { code, err } = await paceline(['run', 'echo.ts', '--input', '{"text":"a"}']);
  expect(code).toBe(0);
  expect(err).not.toContain('paceline.config.ts');
});

test('a config that was named and is not there is an error, whatever the environment holds', async () => {
  const { code, err } = await paceline([...ASK, '--config', 'no.config.ts'], { OPENAI_API_KEY: 'sk-1' });
  expect(code).toBe(2);
  expect(err).toContain('no.config.ts: there is no such file');
});
