import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sqliteJournal } from 'paceline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The real command in a process of its own, fed with `stdin`, which stays open. */
function start(args: readonly string[], stdin = '') {
  const child = spawn(process.execPath, [here('main.ts'), ...args], { cwd: here('test-support/flows') });
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.err += text));
  child.stdin.write(stdin);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, written, ended };
}

const WAIT = { timeout: 20_000 };

test('Ctrl-C once prints the summary and ends, though the pipe stays open', async () => {
  const { child, written, ended } = start(
    ['run', 'echo.ts', '--input-file', '-', '--json'],
    '{"text":"a"}\n',
  );
  await expect.poll(() => written.out, WAIT).toContain('"said":"a"');
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(written.out.trim().split('\n').at(-1)).toContain('"runs":1,"succeeded":1');
});

test('Ctrl-C twice ends at once', async () => {
  const rows = '{"text":"a"}\n{"text":"hang"}\n';
  const { child, written, ended } = start(['run', 'echo.ts', '--input-file', '-', '--json'], rows);
  await expect.poll(() => written.out, WAIT).toContain('"said":"a"');
  child.kill('SIGINT');
  await expect.poll(() => written.err, WAIT).toContain('Stopping');
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(written.out).not.toContain('"runs"');
});

test('a reader that leaves early ends it quietly', async () => {
  const rows = '{"text":"a"}\n'.repeat(300);
  const { child, written, ended } = start(['run', 'echo.ts', '--input-file', '-', '--json'], rows);
  child.stdout.once('data', () => child.stdout.destroy());
  child.stdin.end();
  expect(await ended).toBe(0);
  expect(written.err).not.toContain('EPIPE');
});

test('a progress that nobody reads does not cost the results', async () => {
  const { child, written, ended } = start(
    ['run', 'echo.ts', '--input-file', '-', '--json'],
    '{"text":"a"}\n',
  );
  await expect.poll(() => written.out, WAIT).toContain('"said":"a"');
  child.stderr.destroy();
  child.stdin.end('{"text":"b"}\n');
  expect(await ended).toBe(0);
  expect(written.out.trim().split('\n').at(-1)).toContain('"runs":2,"succeeded":2');
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-load-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['module', 'commonjs'])(
  "a user's file in a %s package may use all of TypeScript, and shares this process's modules",
  async (type) => {
    const file = join(folder, `flow-${type}`, 'flow.ts');
    await mkdir(dirname(file));
    await writeFile(join(dirname(file), 'package.json'), JSON.stringify({ type }));
    // An enum cannot be erased: Node alone refuses it.
    await writeFile(
      file,
      `import { CliError } from '${here('errors.ts')}'; enum Kind { A }; export default [CliError, Kind.A];`,
    );
    const script = `
    const { CliError } = await import('${here('errors.ts')}');
    const { loadDefaultExport } = await import('${here('load.ts')}');
    const [theirs, kind] = await loadDefaultExport('${file}');
    process.stdout.write(JSON.stringify([theirs === CliError, kind]));`;
    const run = promisify(execFile);
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script]);
    expect(stderr).toBe('');
    expect(stdout).toBe('[true,0]');
  },
);

test.each(['mjs', 'cjs'])('a package that is not installed is named with its mend, in %s', async (type) => {
  const file = join(folder, `lost.${type}`);
  await writeFile(file, type === 'mjs' ? "import 'not-installed';" : "require('not-installed');");
  const { written, ended } = start(['run', file, '--input', '{}']);
  expect(await ended).toBe(2);
  expect(written.err).toMatch(
    /\nInstall `not-installed` there, or move the file into a project that has it\.\n$/,
  );
  expect(written.err).not.toMatch(/node:|node_modules/);
});

describe('several processes on one journal', () => {
  test('a run is followed and told from others', async () => {
    const journal = ['--journal', join(folder, 'told.db')];
    const owner = start(['run', 'letter.ts', '--input', '{"text":"hello"}', ...journal]);
    const runId = await recorded('told.db', 2);
    const follower = start(['runs', 'events', runId, '--follow', ...journal]);
    await expect.poll(() => follower.written.out, WAIT).toContain('step-done');
    const signal = start(['runs', 'signal', runId, 'approve', '{"by":"ann"}', ...journal]);
    expect(await signal.ended).toBe(0);
    expect(signal.written.out).toBe(`${runId}: taken.\n`);
    expect(await owner.ended).toBe(0);
    expect(JSON.parse(owner.written.out)).toEqual({ sent: 'hello' });
    expect(await follower.ended).toBe(0);
    expect(follower.written.out).toMatch(/signal +approve {2}\{"by":"ann"\}/);
  });

  test('a run is cancelled from another', async () => {
    const journal = ['--journal', join(folder, 'cancelled.db')];
    const owner = start(['run', 'echo.ts', '--input', '{"text":"hang"}', '--json', ...journal]);
    const runId = await recorded('cancelled.db', 1);
    const cancel = start(['runs', 'cancel', runId, ...journal]);
    expect(await cancel.ended).toBe(0);
    expect(cancel.written.out).toBe(`${runId}: cancelled.\n`);
    expect(await owner.ended).toBe(1);
    expect(owner.written.out).toContain('"status":"cancelled"');
  });

  test('SIGTERM leaves a run to the next process', async () => {
    const owner = start([
      'run',
      'letter.ts',
      '--input',
      '{"text":"hello"}',
      '--journal',
      join(folder, 'left.db'),
    ]);
    await recorded('left.db', 2);
    owner.child.kill('SIGTERM');
    await expect.poll(() => owner.written.err, WAIT).toContain('left for `paceline resume`');
    owner.child.kill('SIGTERM');
    expect(await owner.ended).toBe(143);
    const journal = sqliteJournal({ path: join(folder, 'left.db') });
    expect(await journal.list({ unfinished: true })).toHaveLength(1);
    await journal.close();
  });
});

/** Waits until a process has recorded so many entries of its run. @returns its id */
async function recorded(file: string, seq: number): Promise<string> {
  const path = join(folder, file);
  const look = async () => {
    if (!existsSync(path)) return [];
    const journal = sqliteJournal({ path });
    return journal.list({}).finally(() => journal.close());
  };
  await expect.poll(async () => (await look())[0]?.seq ?? 0, WAIT).toBeGreaterThanOrEqual(seq);
  return (await look())[0]?.runId ?? '';
}
