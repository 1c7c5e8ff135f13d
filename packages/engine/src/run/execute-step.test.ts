import type { ModelResult } from '@paceline/gateway';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ExecuteStep, Tool } from '../define/step.ts';
import { execute, tool } from '../define/steps.ts';
import { resultOf } from '../test-support/gateway.ts';
import type { Reply } from '../test-support/gateway.ts';
import { oneStep, runStepAlone, scriptedWorld } from '../test-support/one-step.ts';
import type { JournalEntry } from './record.ts';
import type { StepProgress } from './progress.ts';
import { runExecuteStep } from './execute-step.ts';
import { StepTimer } from './step-timer.ts';
import type { StepRun } from './step-run.ts';
import { StopSwitch } from './stop-switch.ts';

const pay = tool({
  description: 'Pays back.',
  input: z.object({ amount: z.number() }),
  effect: 'idempotent',
  run: ({ input }) => ({ paid: input.amount }),
});

function acting(tools: Record<string, Tool>, policy: Partial<ExecuteStep> = {}): ExecuteStep {
  return execute({
    input: z.object({ text: z.string() }),
    output: z.object({ receipt: z.string() }),
    prompt: ({ input }) => (input as { text: string }).text,
    ...policy,
    tools,
  }) as ExecuteStep;
}

const calls = (...wanted: readonly [name: string, input: unknown][]): Partial<ModelResult> => ({
  finishReason: 'tool-calls',
  toolCalls: wanted.map(([name, input], at) => ({ id: `call-${at}`, name, input: input as null })),
});
const receipt = '{"receipt":"r1"}';

describe('the tool loop', () => {
  test('runs what the model asks for and shows it the results, in order', async () => {
    const ran: string[] = [];
    const noting = (name: string) =>
      tool({
        description: name,
        input: z.object({ n: z.number() }),
        effect: 'pure',
        run: async ({ input }) => {
          ran.push(`${name}${input.n}`);
          return `${name} did ${input.n}`;
        },
      });
    const { outcome, gateway } = await runStepAlone(
      acting({ look: noting('look'), book: noting('book') }),
      { text: 'go' },
      { replies: [calls(['look', { n: 1 }], ['book', { n: 2 }]), calls(['look', { n: 3 }]), receipt] },
    );
    expect(outcome).toMatchObject({ ok: true, output: { receipt: 'r1' }, spend: { calls: 3 } });
    expect(ran).toEqual(['look1', 'book2', 'look3']);
    expect(gateway.requests.map(({ call }) => call.turn)).toEqual([0, 1, 2]);
    expect(gateway.requests[0]!.tools!.map(({ name }) => name)).toEqual(['look', 'book']);
    expect(gateway.requests[2]!.messages).toEqual([
      { role: 'user', text: 'go' },
      { role: 'assistant', text: '', toolCalls: calls(['look', { n: 1 }], ['book', { n: 2 }]).toolCalls },
      { role: 'tool', toolCallId: 'call-0', toolName: 'look', result: 'look did 1', isError: false },
      { role: 'tool', toolCallId: 'call-1', toolName: 'book', result: 'book did 2', isError: false },
      { role: 'assistant', text: '', toolCalls: calls(['look', { n: 3 }]).toolCalls },
      { role: 'tool', toolCallId: 'call-0', toolName: 'look', result: 'look did 3', isError: false },
    ]);
  });

  test('records each turn and each tool call, the intent before the work', async () => {
    const { journal } = await runStepAlone(
      acting({ pay }),
      { text: 'go' },
      {
        replies: [calls(['pay', { amount: 5 }]), receipt],
      },
    );
    const entries: JournalEntry[] = [];
    for await (const entry of journal.entries('run')) entries.push(entry);
    expect(
      entries.map(({ event }) => (event.type === 'step-progress' ? event.progress.type : event.type)),
    ).toEqual(['run-start', 'turn', 'tool-start', 'tool-end', 'turn', 'step-done']);
  });

  test.each([
    ['a tool that does not exist', calls(['fly', {}]), 'There is no tool "fly", only: pay'],
    ['a tool of the prototype', calls(['toString', {}]), 'There is no tool "toString"'],
    ['arguments that do not fit', calls(['pay', { amount: 'five' }]), 'amount'],
  ])('%s is shown to the model', async (_, reply, text) => {
    const { outcome, gateway } = await runStepAlone(
      acting({ pay }),
      { text: 'go' },
      { replies: [reply, receipt] },
    );
    expect(outcome.status).toBe('succeeded');
    const shown = gateway.requests[1]!.messages.at(-1)!;
    expect(shown).toMatchObject({ role: 'tool', isError: true, result: expect.stringContaining(text) });
  });

  test('a tool that throws, or has no time left, is shown to the model', async () => {
    const broken = { ...pay, run: () => Promise.reject(new Error('bank closed')) };
    const slow = { ...pay, toolMs: 50, run: () => new Promise<never>(() => {}) };
    const { outcome, gateway } = await runStepAlone(
      acting({ broken, slow }),
      { text: 'go' },
      {
        replies: [calls(['broken', { amount: 1 }], ['slow', { amount: 1 }]), receipt],
      },
    );
    expect(outcome).toMatchObject({ status: 'succeeded', ms: 50 });
    expect(gateway.requests[1]!.messages.slice(-2)).toMatchObject([
      { isError: true, result: 'bank closed' },
      { isError: true, result: expect.stringContaining('50 ms') },
    ]);
  });

  test('a tool is tried as often as it allows, each call under its own key', async () => {
    const keys: string[] = [];
    const flaky = {
      ...pay,
      attempts: 3,
      run: ({ idempotencyKey }: { idempotencyKey: string }) => {
        keys.push(idempotencyKey);
        if (keys.length % 3 !== 0) throw new Error('not yet');
        return { paid: 1 };
      },
    };
    const { outcome } = await runStepAlone(
      acting({ flaky }),
      { text: 'go' },
      {
        replies: [calls(['flaky', { amount: 1 }], ['flaky', { amount: 1 }]), receipt],
      },
    );
    expect(outcome.status).toBe('succeeded');
    expect(keys.map((key) => keys.indexOf(key))).toEqual([0, 0, 0, 3, 3, 3]);
  });

  test('stops at the limit of tool calls', async () => {
    let ran = 0;
    const counting = { ...pay, run: () => ({ paid: ++ran }) };
    const { outcome } = await runStepAlone(
      acting({ counting }, { maxToolCalls: 3 }),
      { text: 'go' },
      {
        replies: [calls(['counting', { amount: 1 }], ['counting', { amount: 1 }])],
      },
    );
    expect(ran).toBe(3);
    expect(outcome.steps[0]!.failure).toMatchObject({ code: 'TOOL_LIMIT_REACHED' });
  });

  test('an answer that does not fit is shown to the model, once', async () => {
    const mended = await runStepAlone(acting({ pay }), { text: 'go' }, { replies: ['{}', receipt] });
    expect(mended.outcome).toMatchObject({ ok: true, output: { receipt: 'r1' } });
    expect(mended.gateway.requests[1]!.messages.at(-1)).toMatchObject({ role: 'user' });
    const hopeless = await runStepAlone(acting({ pay }), { text: 'go' }, { replies: ['{}'] });
    expect(hopeless.gateway.requests).toHaveLength(2);
    expect(hopeless.outcome.steps[0]!.failure!.code).toBe('ANSWER_INVALID');
  });

  test('a `once` tool that is cut off leaves the step uncertain', async () => {
    const risky = { ...pay, effect: 'once' as const, toolMs: 50, run: () => new Promise<never>(() => {}) };
    const { outcome } = await runStepAlone(
      acting({ risky }),
      { text: 'go' },
      {
        replies: [calls(['risky', { amount: 1 }]), receipt],
      },
    );
    expect(outcome.steps[0]!.failure!.code).toBe('UNCERTAIN');
  });

  test('a turn that comes when nobody waits any more is paid for', async () => {
    const { clock, engine } = scriptedWorld(async () => {
      handle.cancel();
      return resultOf({ text: receipt });
    });
    const handle = engine.start(oneStep(acting({ pay })), { text: 'go' });
    expect(await clock.run(handle.result)).toMatchObject({
      status: 'cancelled',
      spend: { knownUsd: 0.01, calls: 1 },
    });
  });

  test('tells of its tools', async () => {
    const { clock, engine } = scriptedWorld(calls(['slow', { amount: 1 }]), receipt);
    const slow = { ...pay, toolMs: 40, run: () => new Promise<never>(() => {}) };
    const told: unknown[] = [];
    engine.events.on('tool-start', (event) => told.push(event));
    engine.events.on('tool-end', (event) => told.push(event));
    await clock.run(engine.run(oneStep(acting({ slow })), { text: 'go' }, { runId: 'run' }));
    expect(told).toMatchObject([
      {
        type: 'tool-start',
        runId: 'run',
        step: 'step',
        visit: 1,
        tool: 'slow',
        input: { amount: 1 },
        afterMs: 0,
      },
      { type: 'tool-end', tool: 'slow', isError: true, ms: 40, afterMs: 40 },
    ]);
  });
});

/** Runs the step as a driver would after a restart: with progress, and what is added to it. */
async function resume(step: ExecuteStep, progress: readonly StepProgress[], ...replies: readonly Reply[]) {
  const { gateway, clock } = scriptedWorld(...replies);
  const recorded: StepProgress[] = [...progress];
  const run = {
    context: {
      runId: 'run',
      info: { id: 'flow' },
      labels: {},
      budget: {},
      stepTimer: new StepTimer(clock),
      gateway,
      clock,
    },
    pending: { token: 't', invokeId: 'step', step: 'step', visit: 1, input: { text: 'go' }, progress },
    deadline: { atMs: 1_000 },
    stop: new StopSwitch(),
    attempts: [],
    record: async (item: StepProgress) => void recorded.push(item),
  } as unknown as StepRun;
  const result = await clock.run(runExecuteStep(step, { text: 'go' }, run)).catch((error: unknown) => error);
  return { result, gateway, recorded };
}

const turn = (result: Partial<ModelResult>): StepProgress => {
  const { text, toolCalls } = resultOf(result);
  return {
    type: 'turn',
    message: { role: 'assistant', text, ...(toolCalls.length > 0 && { toolCalls }) } as never,
    attempts: [],
  };
};

describe('going on from what is recorded', () => {
  const begun: StepProgress = { type: 'tool-start', toolCallId: 'call-0', tool: 'pay', input: { amount: 5 } };
  const ended: StepProgress = {
    type: 'tool-end',
    toolCallId: 'call-0',
    tool: 'pay',
    result: { paid: 5 },
    isError: false,
  };
  let ran = 0;
  const counting = { ...pay, run: () => ({ paid: ++ran }) };

  test('a paid turn is not asked for again, nor is a tool run that ended', async () => {
    ran = 0;
    const { result, gateway } = await resume(
      acting({ pay: counting }),
      [turn(calls(['pay', { amount: 5 }])), begun, ended],
      receipt,
    );
    expect(result).toEqual({ receipt: 'r1' });
    expect(ran).toBe(0);
    expect(gateway.requests).toHaveLength(1);
    expect(gateway.requests[0]).toMatchObject({
      call: { turn: 1 },
      messages: [{}, {}, { result: { paid: 5 } }],
    });
  });

  test('an idempotent tool in doubt runs again, and its intent is not recorded twice', async () => {
    ran = 0;
    const { result, recorded } = await resume(
      acting({ pay: counting }),
      [turn(calls(['pay', { amount: 5 }])), begun],
      receipt,
    );
    expect(result).toEqual({ receipt: 'r1' });
    expect(ran).toBe(1);
    expect(recorded.map(({ type }) => type)).toEqual(['turn', 'tool-start', 'tool-end', 'turn']);
  });

  test('a `once` tool in doubt is never run again', async () => {
    ran = 0;
    const { result, gateway } = await resume(
      acting({ pay: { ...counting, effect: 'once' } }),
      [turn(calls(['pay', { amount: 5 }])), begun],
      receipt,
    );
    expect(result).toMatchObject({ code: 'UNCERTAIN' });
    expect(ran).toBe(0);
    expect(gateway.requests).toHaveLength(0);
  });

  test('an answer that is recorded is the answer', async () => {
    const { result, gateway } = await resume(acting({ pay }), [turn({ text: receipt })]);
    expect(result).toEqual({ receipt: 'r1' });
    expect(gateway.requests).toHaveLength(0);
  });
});
