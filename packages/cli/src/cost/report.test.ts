import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpendEntry } from '@paceline/gateway';
import { parseEpochMs, systemClock } from '@paceline/resilience';
import { sqliteJournal } from 'paceline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../cli.ts';
import { testIo } from '../test-support/io.ts';

const NOW = parseEpochMs('2026-11-23T12:00:00Z');
const DAY_MS = 86_400_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-cost-'));
});
afterEach(() => rm(folder, { recursive: true }));

let booked = 0;

/** Books attempts of a tenth of a dollar each, but for what is given, into `runs.db`. */
async function book(...entries: readonly Partial<SpendEntry>[]): Promise<void> {
  const journal = sqliteJournal({ path: join(folder, 'runs.db') });
  for (const parts of entries) {
    journal.ledger.spend.settle({
      id: `attempt-${booked++}`,
      atEpochMs: NOW - 1,
      runId: 'run-1',
      workflow: 'support',
      step: 'triage',
      turn: 0,
      attempt: 1,
      route: 'classify',
      target: 'openai/gpt-5-mini',
      provider: 'openai',
      model: 'gpt-5-mini',
      credential: null,
      tenant: null,
      labels: {},
      outcome: 'ok',
      costUsd: 0.1,
      costSource: 'computed',
      priceTable: 'table@1',
      usage: {
        inputTokens: 1_000,
        cachedInputTokens: 400,
        cacheWriteTokens: 0,
        outputTokens: 10,
        reasoningTokens: 0,
        source: 'reported',
      },
      savedUsd: 0,
      ...parts,
    });
  }
  await journal.close();
}

async function paceline(...args: readonly string[]) {
  const io = testIo({ cwd: folder, clock: { ...systemClock, epochMs: () => NOW } });
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

async function usdWhere(...where: readonly string[]): Promise<number> {
  const { out } = await paceline('cost', ...where.flatMap((each) => ['--where', each]), '--json');
  return (JSON.parse(out) as { total: { usd: number } }).total.usd;
}

test('a table, the dearest first, with a total', async () => {
  await book({}, {}, { provider: 'google', model: 'gemini-2.5-flash', costUsd: 0.3, savedUsd: 0.02 });
  const { code, out } = await paceline('cost', '--by', 'model');
  expect(out.split('\n')).toEqual([
    'Spent',
    'model                       cost    share  calls  attempts  tokens in  cached  tokens out    saved',
    'google/gemini-2.5-flash  $0.3000   60.0 %      1         1      1,000     400          10  $0.0200',
    'openai/gpt-5-mini        $0.2000   40.0 %      2         2      2,000     800          20',
    'total                    $0.5000  100.0 %      3         3      3,000   1,200          30  $0.0200',
    '',
  ]);
  expect(code).toBe(0);
});

test('dimensions nest, with commas and by repeating them', async () => {
  await book({ labels: { team: 'cx' } }, { step: 'answer', costUsd: 0.4 });
  const { out } = await paceline('cost', '--by', 'label:team,step', '--by', 'provider');
  expect(out).toMatch(/^label:team +step +provider +cost/m);
  expect(out).toMatch(/^\(none\) +answer +openai +\$0\.4000 +80\.0 %/m);
  expect(out).toMatch(/^cx +triage +openai +\$0\.1000 +20\.0 %/m);
  expect(out).toMatch(/^total {2,}\$0\.5000/m);
});

test('the sum alone, where nothing is to be told apart', async () => {
  await book({}, {});
  const { out } = await paceline('cost');
  expect(out.split('\n').slice(2, -1)).toEqual([expect.stringMatching(/^total +\$0\.2000 +100\.0 %/)]);
});

test('says what is estimated and what is unknown', async () => {
  await book(
    {},
    { costSource: 'estimated', costUsd: 0.025 },
    { costSource: 'unknown', costUsd: null },
    { costSource: 'unknown', costUsd: null },
  );
  const { out } = await paceline('cost');
  expect(out).toMatch(/^Estimated: \$0\.0250, for 1 of 4 attempts /m);
  expect(out).toMatch(/^Unknown, and not counted: what 2 of 4 attempts cost, /m);
});

test('only a time: an age, a day or a moment', async () => {
  await book({}, { atEpochMs: NOW - 8 * DAY_MS, costUsd: 5 }, { atEpochMs: NOW - 30 * DAY_MS, costUsd: 70 });
  const total = async (...flags: readonly string[]) => {
    const { out } = await paceline('cost', ...flags, '--json');
    return (JSON.parse(out) as { total: { usd: number } }).total.usd;
  };
  expect(await total('--since', '7d')).toBe(0.1);
  expect(await total('--until', '7d')).toBe(75);
  expect(await total('--since', '2026-11-01')).toBe(5.1);
  expect(await total('--since', '2026-11-15T12:00:00Z')).toBe(5.1);
  expect(await total('--since', '2026-11-15T12:00:01Z')).toBe(0.1);
  const { out } = await paceline('cost', '--since', '7d');
  expect(out).toMatch(/^Spent since 2026-11-16 12:00:00 UTC$/m);
});

test('only what is asked for', async () => {
  await book({ labels: { team: 'cx' } }, { costUsd: 5 }, { provider: 'google', costUsd: 70 });
  expect(await usdWhere('provider=openai')).toBe(5.1);
  expect(await usdWhere('provider=openai', 'label:team=')).toBe(5);
  expect(await usdWhere('label:team=cx')).toBe(0.1);
});

test('--json: the question, the rows and the total', async () => {
  await book({ tenant: 'acme' });
  const { out } = await paceline('cost', '--by', 'tenant', '--since', '7d', '--json');
  const figures = { usd: 0.1, unpricedAttempts: 0, calls: 1, attempts: 1, inputTokens: 1_000 };
  expect(JSON.parse(out)).toMatchObject({
    by: ['tenant'],
    sinceEpochMs: NOW - 7 * DAY_MS,
    untilEpochMs: null,
    where: {},
    rows: [{ group: { tenant: 'acme' }, ...figures }],
    total: { ...figures, sources: { computed: { attempts: 1, usd: 0.1 } } },
  });
});

test('--csv: for spreadsheets, whatever labels are called', async () => {
  await book({ labels: { team: '=1+1', user: 'a"b,\nc' } });
  const { out } = await paceline('cost', '--by', 'label:team,label:user,label:other', '--csv');
  const [header, ...lines] = out.split('\r\n');
  expect(header).toBe(
    'label:team,label:user,label:other,usd,unpricedAttempts,calls,attempts,inputTokens,cachedInputTokens,outputTokens,savedUsd,reportedUsd,computedUsd,estimatedUsd',
  );
  expect(lines).toEqual(['\'=1+1,"a""b,\nc",,0.1,0,1,1,1000,400,10,0,0,0.1,0', '']);
});

test('what labels say cannot steer the terminal', async () => {
  await book({ labels: { team: 'a\u001B[2Jb\nc' } });
  const { out } = await paceline('cost', '--by', 'label:team');
  expect(out).toMatch(/^a\\u001b\[2Jb c +\$0\.1000/m);
});

test('nothing was spent', async () => {
  await book();
  expect((await paceline('cost', '--since', '7d')).out).toBe(
    'Nothing was spent since 2026-11-16 12:00:00 UTC.\n',
  );
});

test('prune counts, and forgets with --yes', async () => {
  await book({ atEpochMs: NOW - 401 * DAY_MS }, {});
  const counted = await paceline('cost', 'prune', '--ended-before', '400d');
  expect(counted.out).toBe('Attempts that ended before 2025-10-19 12:00:00 UTC: 1. --yes forgets them.\n');
  const file = ['--journal', 'runs.db'];
  const pruned = await paceline('cost', 'prune', '--ended-before', '400d', '--yes', '--json', ...file);
  expect(JSON.parse(pruned.out)).toMatchObject({ attempts: 1, forgotten: true });
  const { out } = await paceline('cost', '--json', ...file);
  expect(JSON.parse(out)).toMatchObject({ total: { attempts: 1 } });
});

test.each([
  [['--by', 'models'], /Expected provider, model, .* or label:<key>/],
  [['--by', 'label:'], /label:<key>/],
  [['--since', 'yesterday'], /Expected an age such as 12h or 7d/],
  [['--since', '2026-11-01T08:00'], /in UTC/],
  [['--where', 'provider'], /Expected dimension=value/],
  [['--json', '--csv'], /cannot be used with option '--json'/],
  [['--journal', 'none.db'], /none\.db: there is no such file/],
  [['prune', '--ended-before', '1d', '--journal', 'none.db'], /none\.db: there is no such file/],
])('cost %j cannot begin: exit code 2', async (args, message) => {
  const { code, out, err } = await paceline('cost', ...args);
  expect(err).toMatch(message);
  expect(out).toBe('');
  expect(code).toBe(2);
});
