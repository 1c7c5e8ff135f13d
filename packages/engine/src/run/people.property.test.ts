import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEngine } from '../engine.ts';
import type { Engine, RunHandle } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import type { ScriptedGateway } from '../test-support/gateway.ts';
import { oneStep } from '../test-support/one-step.ts';
import { acting, payingTool, wanting } from '../test-support/people.ts';
import type { Wait } from './message.ts';
import { checkReplay } from './replay.ts';

/** What the world may do next. `call` is the tool call that an answer names: the one asked about, an earlier or a later one. */
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      answer: answers(),
      call: calls(),
      id: fc.nat(9),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 30, 60) }) },
);

function answers() {
  return fc.constantFrom(
    { type: 'approve' as const },
    { type: 'approve' as const },
    { type: 'reject' as const, reason: 'no' },
    { type: 'done' as const, output: { said: true } },
    { type: 'failed' as const, reason: 'lost' },
  );
}

function calls() {
  return fc.constantFrom(undefined, 'call-1', 'call-2', 'call-3');
}

type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** The model pays twice in one turn, once more in the next, and answers. */
const SCRIPT = [
  wanting(['call-1', 'pay', { amount: 1 }], ['call-2', 'pay', { amount: 2 }]),
  wanting(['call-3', 'pay', { amount: 3 }]),
  '{"receipt":"r1"}',
];

/** Engines on one journal, each of which takes the run from the one before. */
class People {
  readonly paid: number[] = [];
  readonly gateway: ScriptedGateway = scriptedGateway(...SCRIPT);
  readonly journal: JournalStore = memoryJournal();
  readonly workflow;
  private readonly clock: VirtualClock = createVirtualClock();
  private engine: Engine = this.open();
  private handle: RunHandle<unknown>;

  constructor() {
    // Each call takes 50 ms, and is begun at once.
    const pay = payingTool(this.paid, { approval: 'required' });
    const slowly: typeof pay = {
      ...pay,
      run: async (args) => {
        await pay.run(args);
        await new Promise<void>((resolve) => void this.clock.setTimer(50, resolve));
        return { paid: true };
      },
    };
    this.workflow = oneStep(acting({ pay: slowly }, { onUncertain: 'wait' }), { totalMs: 100_000 });
    this.handle = this.engine.start(this.workflow, { text: 'go' }, { runId: 'run' });
    this.handle.result.catch(() => {});
  }

  private open(): Engine {
    return createEngine({
      gateway: this.gateway,
      journal: this.journal,
      clock: this.clock,
      random: seededRandom(1),
    });
  }

  async act(next: Action): Promise<void> {
    switch (next.do) {
      case 'answer': {
        const to = next.call === undefined ? {} : { toolCallId: next.call };
        const said = this.handle.answer(next.answer, { id: `answer-${next.id}`, ...to });
        await this.clock.run(said.catch(() => {}));
        return;
      }
      case 'crash':
        return this.crash();
      case 'pass':
        return this.clock.advance(next.ms);
    }
  }

  /** The owner hears nothing any more; another one goes on. */
  async crash(): Promise<void> {
    this.engine = this.open();
    const { runs } = await this.clock.run(this.engine.recover([this.workflow]));
    if (runs[0] === undefined) return;
    this.handle = runs[0];
    this.handle.result.catch(() => {});
  }

  /** Somebody answers whatever is asked until the run is over. */
  async toItsEnd(): Promise<void> {
    for (let n = 0; n < 20; n++) {
      await this.clock.advance(60);
      const record = await this.journal.load('run');
      if (record?.status !== 'running') return;
      const wait = record.pending['step']?.wait;
      if (wait === undefined) continue;
      const answer =
        wait.type === 'approval' ? { type: 'approve' as const } : { type: 'failed' as const, reason: 'x' };
      await this.clock.run(this.handle.answer(answer, { id: `last-${n}` }));
    }
  }
}

test('no order of answers and crashes makes a payment twice, repeats a turn, or pays what nobody allowed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 14 }), async (actions) => {
      const people = new People();
      await people.act({ do: 'pass', ms: 1 });
      for (const next of actions) await people.act(next);
      await people.toItsEnd();

      const record = (await people.journal.load('run'))!;
      expect(record.status).toBe('succeeded');
      expect(new Set(people.paid).size).toBe(people.paid.length);
      expect(people.gateway.requests.map(({ call }) => call.turn)).toEqual([0, 1, 2]);
      const allowed = await allowedIn(people.journal);
      expect(people.paid.filter((amount) => !allowed.includes(amount))).toEqual([]);
      await checkReplay(people.workflow as never, people.journal, record);
    }),
    { numRuns: 60 },
  );
});

/** The amounts to which somebody has said yes. */
async function allowedIn(journal: JournalStore): Promise<readonly number[]> {
  const allowed: number[] = [];
  let asked: Wait | undefined;
  for await (const { event } of journal.entries('run')) {
    if (event.type === 'step-wait') asked = event.wait;
    if (event.type !== 'step-answer' || event.answer.type !== 'approve' || asked?.type !== 'approval')
      continue;
    allowed.push((asked.input as { amount: number }).amount);
  }
  return allowed;
}
