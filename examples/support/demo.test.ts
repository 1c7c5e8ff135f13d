import { systemClock, systemRandom } from '@paceline/resilience';
import type { Io, Summary } from '@paceline/cli';
import { expect, test } from 'vitest';
import { demo } from './demo.ts';

async function run(argv: readonly string[], env: Io['env'] = {}) {
  const written = { out: '', err: '' };
  const code = await demo(argv, {
    stdin: (async function* () {})(),
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env,
    cwd: process.cwd(),
    clock: systemClock,
    random: systemRandom,
    onInterrupt: () => () => {},
    exit: () => {},
  });
  return { code, ...written };
}

function lastLine(text: string): Summary {
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Summary;
}

test('keeps its promises and ends with exactly the summary', async () => {
  const { code, out, err } = await run(['--virtual', '--json']);
  expect(err).not.toContain('not kept');
  expect(code).toBe(0);
  const summary = lastLine(out);
  expect(Object.keys(summary)).toEqual([
    'runs',
    'succeeded',
    'withinBudget',
    'degraded',
    'failed',
    'p50Ms',
    'p95Ms',
    'p99Ms',
    'calls',
    'attempts',
    'failovers',
    'retries',
    'costUsd',
    'savedUsd',
    'costByProvider',
    'simulated',
    'traceHash',
  ]);
  expect(summary.runs).toBe(summary.succeeded + summary.degraded + summary.failed);
  expect(out.trimEnd().split('\n')).toHaveLength(summary.runs + 1);
});

test('the control shows what failover saves, on the same seed', async () => {
  const { code, out } = await run(['--virtual', '--json', '--no-failover']);
  expect(code).toBe(0);
  const summary = lastLine(out);
  expect(summary.succeeded / summary.runs).toBeLessThan(0.9);
  expect(summary.failovers).toBe(0);
});

async function hashOf(seed: string): Promise<string | undefined> {
  const { out } = await run(['--virtual', '--json', '--limit', '48', '--seed', seed]);
  return lastLine(out).traceHash;
}

test('a seed repeats exactly in virtual time, and another seed does not', async () => {
  const first = await hashOf('3');
  expect(await hashOf('3')).toBe(first);
  expect(await hashOf('4')).not.toBe(first);
});

test('for people: a table, that it is simulated, and what to try next', async () => {
  const { code, out, err } = await run(['--virtual', '--limit', '8']);
  expect(out).toMatch(/^succeeded +\d+ +[\d.]+ %$/m);
  expect(out).toContain('The providers were simulated');
  expect(err).toContain('What to try next');
  expect(code).toBe(0);
});

test('--live without a key says which keys it looked for', async () => {
  const { code, err } = await run(['--live']);
  expect(err).toContain('Looked for OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY');
  expect(err).not.toContain('simulated');
  expect(code).toBe(2);
});

test.each([[['--seed', 'x']], [['--concurrency', '0']], [['--fast']], [['tickets']]])(
  '%j is refused with the help',
  async (argv) => {
    const { code, err } = await run(argv);
    expect(err).toContain('--no-failover');
    expect(code).toBe(2);
  },
);
