import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { picoOf, usdOf } from '@paceline/gateway';
import type { AttemptRecord, Ledger, SpendDimension, SpendRow } from '@paceline/gateway';
import type { FaultRule } from '@paceline/simulator';
import { assert, asyncProperty, constantFrom, double, integer, record as objectOf } from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import { classify, reason } from '../define/steps.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import { wiredWorld } from '../test-support/wired.ts';
import type { RunOutcome } from './outcome.ts';

const Text = z.object({ text: z.string() });
const text = ({ context }: { readonly context: { readonly text: string } }) => ({ text: context.text });

const flow = setupWorkflow({
  id: 'flow',
  input: Text,
  output: z.object({}),
  context: Text,
  budget: { totalMs: 8_000 },
  steps: {
    triage: classify({ input: Text, labels: ['refund', 'bug'], prompt: ({ input }) => input.text }),
    decide: reason({
      input: Text,
      output: z.object({ action: z.string() }),
      prompt: ({ input }) => input.text,
    }),
  },
}).createMachine({
  context: ({ input }) => input,
  initial: 'triaging',
  output: {},
  states: {
    triaging: {
      invoke: { id: 'triage', src: 'triage', input: text, onDone: 'deciding', onError: 'handoff' },
    },
    deciding: {
      invoke: { id: 'decide', src: 'decide', input: text, onDone: 'resolved', onError: 'handoff' },
    },
    resolved: { type: 'final' },
    handoff: { type: 'final', tags: ['degraded'] },
  },
});

interface Trouble {
  readonly seed: number;
  readonly runs: number;
  readonly probability: number;
  readonly fault: FaultRule['fault'];
}

const trouble = objectOf<Trouble>({
  seed: integer({ min: 1, max: 1e6 }),
  runs: integer({ min: 1, max: 12 }),
  probability: double({ min: 0, max: 0.5, noNaN: true }),
  fault: constantFrom('stall', 'error-500', 'reset', 'cut', 'invalid-json-answer'),
});

const TEAMS = ['cx', 'ops', '__proto__'];

async function ran({ seed, runs, probability, fault }: Trouble, ledger?: Ledger) {
  const faults = [{ fault, probability }];
  const config = ledger === undefined ? {} : { ledger };
  const world = wiredWorld({ seed, faults: { openai: faults, anthropic: faults }, config });
  const started = Array.from({ length: runs }, (_, at) =>
    world.engine.run(
      flow,
      { text: 'Where is my refund?' },
      {
        runId: `run-${at}`,
        labels: Object.fromEntries([['team', TEAMS[at % 3] ?? '']]),
        tenant: `t${at % 2}`,
      },
    ),
  );
  return { ...world, outcomes: await world.clock.run(Promise.all(started)) };
}

interface Made {
  readonly record: AttemptRecord;
  readonly step: string;
  readonly team: string;
}

/** Every attempt of all runs, as their outcomes tell it. */
function madeIn(outcomes: readonly RunOutcome<unknown>[]): readonly Made[] {
  return outcomes.flatMap(({ steps }, at) =>
    steps.flatMap(({ step, attempts }) =>
      attempts.map((record) => ({ record, step, team: TEAMS[at % 3] ?? '' })),
    ),
  );
}

const VALUES = {
  provider: ({ record: { target } }) => target.split('/', 1)[0] ?? '',
  model: ({ record: { target } }) => target,
  step: ({ step }) => step,
  workflow: () => 'flow',
  'label:team': ({ team }) => team,
} satisfies Partial<Record<SpendDimension, (made: Made) => string>>;

function summed(made: readonly Made[]) {
  const tokens = (count: (usage: NonNullable<AttemptRecord['usage']>) => number) =>
    made.reduce((sum, { record: { usage } }) => sum + (usage === null ? 0 : count(usage)), 0);
  return {
    pico: made.reduce((sum, { record: { costUsd } }) => sum + picoOf(costUsd ?? 0), 0n),
    attempts: made.length,
    calls: made.filter(({ record: { attempt } }) => attempt === 1).length,
    estimated: made.filter(({ record: { costSource } }) => costSource === 'estimated').length,
    inputTokens: tokens((usage) => usage.inputTokens),
    outputTokens: tokens((usage) => usage.outputTokens),
  };
}

function told({ usd, attempts, calls, inputTokens, outputTokens, sources }: SpendRow) {
  const estimated = sources.estimated.attempts;
  return { pico: picoOf(usd), attempts, calls, estimated, inputTokens, outputTokens };
}

async function expectReportsToFit(ledger: Ledger, outcomes: readonly RunOutcome<unknown>[], settle: Settle) {
  const made = madeIn(outcomes);
  expect(made.length).toBeGreaterThan(0);
  const [total] = await settle(ledger.spend.report({}));
  expect(total && told(total)).toEqual(summed(made));
  for (const [name, valueOf] of Object.entries(VALUES)) {
    const dimension = name as SpendDimension;
    const rows = await settle(ledger.spend.report({ by: [dimension] }));
    const groups = Map.groupBy(made, valueOf);
    expect(new Map(rows.map((row) => [row.group[dimension], told(row)]))).toEqual(
      new Map([...groups].map(([value, its]) => [value, summed(its)])),
    );
  }
}

type Settle = <T>(work: Promise<T>) => Promise<T>;

test('what is reported is the sum of the attempts of all runs', async () => {
  await assert(
    asyncProperty(trouble, async (given) => {
      const { clock, gateway, outcomes } = await ran(given);
      await expectReportsToFit(gateway.ledger, outcomes, (work) => clock.run(work));
    }),
    { numRuns: 15 },
  );
});

test('so it is when the file is opened again', async () => {
  await assert(
    asyncProperty(trouble, async (given) => {
      const folder = mkdtempSync(join(tmpdir(), 'paceline-spend-'));
      const path = join(folder, 'runs.db');
      const journal = sqliteJournal({ path });
      const { outcomes } = await ran(given, journal.ledger);
      await journal.close();
      const again = sqliteJournal({ path });
      await expectReportsToFit(again.ledger, outcomes, (work) => work);
      await again.close();
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 5 },
  );
});

test('a run tells its cost by step, target and provider', async () => {
  await assert(
    asyncProperty(trouble, async (given) => {
      const { outcomes } = await ran(given);
      for (const outcome of outcomes) {
        const made = madeIn([outcome]);
        const usdBy = (valueOf: (made: Made) => string) =>
          Object.fromEntries(
            [...Map.groupBy(made, valueOf)].map(([value, its]) => [value, usdOf(summed(its).pico)]),
          );
        expect(outcome.spend).toMatchObject({
          byStep: usdBy(VALUES.step),
          byTarget: usdBy(VALUES.model),
          byProvider: usdBy(VALUES.provider),
        });
        expect(Object.keys(outcome.spend.byStep)).toHaveLength(new Set(made.map(({ step }) => step)).size);
      }
    }),
    { numRuns: 10 },
  );
});

test('an engine is asked as its ledger is', async () => {
  const { clock, engine, gateway } = await ran({ seed: 1, runs: 3, probability: 0, fault: 'reset' });
  const asked = await clock.run(engine.spend({ by: ['step'] }));
  expect(asked).toEqual(await clock.run(gateway.ledger.spend.report({ by: ['step'] })));
  expect(asked.map(({ group, calls }) => [group.step, calls])).toContainEqual(['triage', 3]);
  expect(await clock.run(engine.spend())).toMatchObject([{ calls: 6 }]);
});
