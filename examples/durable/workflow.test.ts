import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PACELINE = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const WORKFLOW = fileURLToPath(new URL('workflow.ts', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-durable-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The real command in a process of its own. */
function paceline(...args: readonly string[]) {
  const child = spawn(process.execPath, [PACELINE, ...args], { cwd: folder });
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.err += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, written, ended };
}

const deeds = async (): Promise<string[]> => {
  const text = await readFile(join(folder, 'ledger'), { encoding: 'utf8', flag: 'a+' });
  return text.split('\n').filter((line) => line !== '');
};

/** Without their keys. */
const doneTo = async (order: string) =>
  (await deeds()).filter((deed) => deed.includes(` ${order} `)).map((deed) => deed.split(' ')[0]);

test('what a killed process left is gone on with: nothing that ended is done again, and a doubt is settled by asking', async () => {
  const ledger = join(folder, 'ledger');
  const rows = [
    { order: 'A', ledger, slow: 'reserve' },
    { order: 'B', ledger, slow: 'charge' },
    { order: 'C', ledger, slow: 'ship' },
    { order: 'D', ledger },
  ];
  await writeFile(join(folder, 'orders.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));

  const first = paceline('run', WORKFLOW, '--input-file', 'orders.jsonl', '--journal', 'runs.db', '--json');
  const failed = first.ended.then(() => Promise.reject(new Error(first.written.err)));
  const begun = expect
    .poll(async () => [...(await deeds()), first.written.out].join('\n'), { timeout: 25_000 })
    .toMatch(/(?=.*^reserve A )(?=.*^charge B )(?=.*^ship C )(?=.*"shipped":true)/ms);
  await Promise.race([begun, failed]);
  first.child.kill('SIGKILL');
  expect(await first.ended).toBe(null);

  const second = paceline('resume', WORKFLOW, '--all', '--journal', 'runs.db', '--json');
  expect(await second.ended, second.written.err).toBe(0);
  const lines = second.written.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.slice(0, -1).map(({ output }) => output)).toEqual(
    expect.arrayContaining([
      { shipped: true, doubted: false },
      { shipped: true, doubted: true },
      { shipped: true, doubted: false },
    ]),
  );
  expect(lines.at(-1)).toMatchObject({ runs: 3, succeeded: 3, left: 0 });
  for (const { order } of rows) expect(await doneTo(order)).toEqual(['reserve', 'charge', 'ship']);
});
