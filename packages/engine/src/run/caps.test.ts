import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway } from '@paceline/gateway';
import { deadlineIn } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { map } from '../define/map.ts';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { code, reason } from '../define/steps.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import { wiredWorld } from '../test-support/wired.ts';

const Row = z.object({ text: z.string() });
const ROWS = Array.from({ length: 6 }, (_, at) => ({ text: `Row ${at}, please.` }));

/** Something that costs nothing, then all rows at once. */
function sorting(usd?: number) {
  return setupWorkflow({
    id: 'sorting',
    input: z.array(Row),
    output: z.null(),
    context: z.object({ rows: z.array(Row) }),
    budget: { totalMs: 60_000, ...(usd !== undefined && { usd }) },
    steps: {
      count: code({
        input: z.array(Row),
        output: z.object({ rows: z.number() }),
        effect: 'pure',
        run: ({ input }) => ({ rows: input.length }),
      }),
      sort: map(
        reason({
          input: Row,
          output: z.object({ action: z.string(), reason: z.string() }),
          prompt: ({ input }) => input.text,
          maxOutputTokens: 200,
        }),
        { concurrency: 6 },
      ),
    },
  }).createMachine({
    context: ({ input }) => ({ rows: input }),
    output: null,
    initial: 'counting',
    states: {
      counting: {
        invoke: {
          id: 'count',
          src: 'count',
          input: ({ context }) => context.rows,
          onDone: 'sorting',
          onError: 'out',
        },
      },
      sorting: {
        invoke: {
          id: 'sort',
          src: 'sort',
          input: ({ context }) => context.rows,
          onDone: 'done',
          onError: 'out',
        },
      },
      done: { type: 'final' },
      out: { type: 'final', tags: ['failed'] },
    },
  });
}

/** What one row is held at. */
async function heldForRow(): Promise<number> {
  const { clock, engine, gateway } = wiredWorld({ config: { caps: [{ per: 'all', usd: 0 }] } });
  const refused: unknown[] = [];
  gateway.events.on('call-end', ({ ok }) => refused.push(ok));
  const outcome = await clock.run(engine.run(sorting(), ROWS.slice(0, 1)));
  const [, needed] = /no room for \$([\d.]+)/.exec(outcome.ok ? '' : outcome.error.message) ?? [];
  expect(refused).toEqual([false]);
  return Number(needed);
}

describe('a run on its own budget', () => {
  test('has parallel branches one after the other where there is room for one, and spends no more', async () => {
    const usd = (await heldForRow()) * 1.9;
    const { clock, engine, gateway } = wiredWorld();
    let flying = 0;
    let most = 0;
    gateway.events.on('attempt-start', () => (most = Math.max(most, ++flying)));
    gateway.events.on('attempt-end', () => flying--);
    const outcome = await clock.run(engine.run(sorting(usd), ROWS));
    expect(outcome).toMatchObject({
      status: 'succeeded',
      withinBudget: true,
      spend: { attempts: ROWS.length },
    });
    expect(most).toBe(1);
    expect(outcome.spend.knownUsd).toBeLessThanOrEqual(usd);
  });

  test('without one has them all at once', async () => {
    const { clock, engine, gateway } = wiredWorld();
    let flying = 0;
    let most = 0;
    gateway.events.on('attempt-start', () => (most = Math.max(most, ++flying)));
    gateway.events.on('attempt-end', () => flying--);
    await clock.run(engine.run(sorting(), ROWS));
    expect(most).toBe(ROWS.length);
  });

  test('that is spent ends it with the outputs of the steps that have finished', async () => {
    const usd = (await heldForRow()) * 1.01;
    const { clock, engine } = wiredWorld();
    const outcome = await clock.run(engine.run(sorting(usd), ROWS, { runId: 'run-1' }));
    expect(outcome).toMatchObject({
      status: 'failed',
      withinBudget: true,
      error: { code: 'SPEND_LIMIT_REACHED', step: 'sort' },
      partial: { count: { rows: ROWS.length } },
    });
    expect(outcome.ok ? '' : outcome.error.message).toContain('The cap `run` of run-1 has no room for');
    expect(outcome.spend.attempts).toBeGreaterThan(0);
    expect(outcome.spend.knownUsd).toBeLessThanOrEqual(usd);
  });
});

test('gateways on one file share a cap, and let each other in', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-caps-'));
  const clock = createVirtualClock();
  const latency = { firstTokenMs: { p50: 100, p95: 200 }, tokensPerSecond: 200 };
  const simulator = createSimulator({
    seed: 1,
    clock,
    scenario: { providers: { openai: { wire: 'openai', latency, faults: [] } } },
  });
  const journals = [1, 2].map(() => sqliteJournal({ path: join(folder, 'runs.db'), clock }));
  const gateways = journals.map(({ ledger }) =>
    createGateway({
      roles: { reason: ['openai/gpt-5-mini'] },
      providers: simulator.providers(),
      fetch: simulator.fetch,
      clock,
      simulated: true,
      // One attempt of 100 tokens at a time.
      caps: [{ per: 'label:team', window: 'day', usd: 0.000_5 }],
      ledger,
    }),
  );
  let flying = 0;
  let most = 0;
  const asked = gateways.flatMap((gateway, process) => {
    gateway.events.on('attempt-start', () => (most = Math.max(most, ++flying)));
    gateway.events.on('attempt-end', () => flying--);
    return [0, 1, 2].map((at) =>
      gateway.generate({
        route: 'reason',
        messages: [{ role: 'user', text: 'Where is my refund?' }],
        answer: { type: 'text' },
        maxOutputTokens: 100,
        deadline: deadlineIn(clock, 60_000),
        signal: new AbortController().signal,
        call: { runId: `run-${process}-${at}`, step: 'ask', turn: 0 },
        labels: { team: 'cx' },
      }),
    );
  });
  const results = await clock.run(Promise.all(asked));
  expect(results.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(most).toBe(1);
  const [one, other] = journals.map(({ ledger }) => ledger.spend);
  // Each waits for what its own process has told.
  await clock.run(other!.report({}));
  const [row] = await clock.run(one!.report({ by: ['label:team'] }));
  expect(row).toMatchObject({ group: { 'label:team': 'cx' }, attempts: 6 });
  const counter = {
    cap: 'label:team per day',
    value: 'cx',
    window: { type: 'calendar', unit: 'day' },
  } as const;
  for (const { ledger } of journals) {
    expect(ledger.spend.standing(counter, clock.epochMs())).toEqual({ spentUsd: row?.usd, heldUsd: 0 });
  }
  for (const journal of journals) await journal.close();
  rmSync(folder, { recursive: true });
});
