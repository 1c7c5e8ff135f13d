import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from './cli.ts';
import { withLog } from './log-options.ts';
import { redactedSink } from './redacted-sink.ts';
import { testIo } from './test-support/io.ts';

type Line = Readonly<Record<string, unknown>>;

const cwd = fileURLToPath(new URL('test-support/flows', import.meta.url));
const RUN = [
  'run',
  'ask.ts',
  '--config',
  'broken-openai.config.ts',
  '--virtual',
  '--input',
  '{"text":"lamp"}',
];

async function paceline(...args: readonly string[]) {
  const io = testIo({ cwd });
  return { code: await main(args, io), io };
}

function linesIn(text: string): readonly Line[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Line);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('nothing is logged unless it is asked for', async () => {
  const { io } = await paceline(...RUN);
  expect(linesIn(io.err())).toEqual([]);
});

test('--log writes JSON lines to standard error, and results stay on standard output', async () => {
  const { code, io } = await paceline(...RUN, '--log', 'info');
  expect(code).toBe(0);
  expect(linesIn(io.err()).map(({ event }) => event)).toEqual([
    'run-start',
    'attempt-end',
    'attempt-end',
    'call-end',
    'run-end',
  ]);
  expect(io.out()).not.toContain('"event"');
});

test('--log-file writes them to a file', async () => {
  const { io } = await paceline(...RUN, '--log', 'error', '--log-file', join(folder, 'run.log'));
  expect(linesIn(io.err())).toEqual([]);
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^run-\d{4}-\d\d-\d\d\.log$/)]);
  const second = await paceline(...RUN, '--log-file', join(folder, 'run.log'));
  expect(second.code).toBe(0);
  const [name = ''] = readdirSync(folder);
  expect(linesIn(readFileSync(join(folder, name), 'utf8')).map(({ event }) => event)).toContain('run-end');
});

test('a level that is none is refused', async () => {
  const { code, io } = await paceline(...RUN, '--log', 'loud');
  expect(code).toBe(2);
  expect(io.err()).toContain('debug, info, warn, error');
});

describe('what the config says', () => {
  const to = { write() {} };
  const config = { roles: {}, log: { level: 'warn', payload: 'hash', to } } as const;

  test('holds where the command line is silent', () => {
    expect(withLog(config, {}, testIo())).toBe(config);
    expect(withLog(config, { log: 'debug' }, testIo()).log).toEqual({ ...config.log, level: 'debug' });
    expect(withLog(config, { logFile: 'x.log' }, testIo({ cwd: '/a' })).log).toEqual({
      ...config.log,
      to: { file: '/a/x.log' },
    });
  });
});

test('messages hold no credential of the environment, and nothing that looks like one', () => {
  const written: string[] = [];
  const sink = { write: (text: string) => void written.push(text), isTTY: true, columns: 80 };
  const env = { MAIL_KEY: 'canary-5f3a9c1e77', LANG: 'canary-language' };
  const redacted = redactedSink(sink, env);
  redacted.write(`at ${env.MAIL_KEY} in ${env.LANG} of postgres://app:pa55@db/x`);
  expect(written).toEqual(['at [redacted] in canary-language of postgres://app:[redacted]@db/x']);
  expect([redacted.isTTY, redacted.columns]).toEqual([true, 80]);
});
