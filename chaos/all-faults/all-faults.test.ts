import { expect, test } from 'vitest';
import { allFaults } from './main.ts';

async function run(...args: readonly string[]) {
  const lines: string[] = [];
  return { code: await allFaults(args, (line) => lines.push(line)), text: lines.join('\n') };
}

test('runs the parts that are asked for, and gives one report', async () => {
  const { code, text } = await run('--only', 'fetch', '--quick', '--json');
  expect(JSON.parse(text)).toMatchObject({ ok: true, fetch: { ok: true, shortfalls: [] } });
  expect(code).toBe(0);
});

test('a part that is not there is wrong usage', async () => {
  expect(await run('--only', 'wire,nothing')).toMatchObject({
    code: 2,
    text: expect.stringMatching(/^Usage/),
  });
  expect((await run('--help')).code).toBe(0);
});
