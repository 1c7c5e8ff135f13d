import { expect, test } from 'vitest';
import { budgetOf, createWorld, TARGETS } from './test-support/world.ts';
import type { FaultRule } from '@paceline/simulator';
import type { AttemptRecord, CapConfig, ModelStreamEvent, PolicyConfig } from './index.ts';
import type { World } from './test-support/world.ts';

const { openai, anthropic } = TARGETS;
const trail = (attempts: readonly AttemptRecord[]) =>
  attempts.map(({ kind, target, code }) => `${kind} ${target.split('/')[0]} ${code ?? 'ok'}`);

/** So many calls teach both targets' latencies and earn a hedge: the fallback learns from the calls that the first one refuses. */
const LESSONS = 123;

/** Keeps the learned limit out of it, which would end a silent attempt soon after its hedge has begun. */
const PATIENT = { limits: { firstChunkMs: 5_000 } } as const;

interface Scene {
  readonly hedge?: boolean;
  /** After the lessons. */
  readonly first?: FaultRule;
  readonly second?: FaultRule;
  readonly policy?: PolicyConfig;
  readonly caps?: readonly CapConfig[];
}

const later = (rule: FaultRule | undefined): readonly FaultRule[] =>
  rule === undefined ? [] : [{ ...rule, betweenMs: [1_000_000, 1_100_000] }];

/** A route whose targets are known, and whose next call meets these faults. */
async function known({ hedge = true, first, second, policy = {}, caps = [] }: Scene): Promise<World> {
  const world = createWorld({
    faults: { openai: later(first), anthropic: later(second) },
    config: {
      roles: {
        classify: { targets: [openai, anthropic], hedge },
        reason: [anthropic],
        execute: [openai, anthropic],
      },
      policy,
      caps,
    },
  });
  for (let lesson = 0; lesson < LESSONS; lesson++) await world.generate();
  await world.clock.advance(1_000_000 - world.clock.nowMs());
  return world;
}

const p95Of = ({ gateway }: World): number => gateway.ledger.latency(`first-chunk:${openai}`)!.p95Ms;

test('a target that is late gets a hedge beside it, and the first content decides', async () => {
  const world = await known({ first: { fault: 'stall' } });
  const starts: string[] = [];
  world.gateway.events.on('attempt-start', ({ kind, reason }) => starts.push(`${kind} ${reason}`));
  const p95Ms = p95Of(world);
  const { attempts, servedBy, costUsd } = await world.generate(PATIENT);
  expect(trail(attempts)).toEqual(['first openai CANCELLED', 'hedge anthropic ok']);
  expect(starts).toEqual(['first preferred', 'hedge fallback']);
  expect(servedBy).toBe(anthropic);
  expect(attempts[1]?.startedAfterMs).toBeCloseTo(p95Ms, 6);
  expect(attempts[0]).toMatchObject({ outcome: 'cancelled', usage: { source: 'estimated' } });
  expect(costUsd).toBeCloseTo(attempts[0]!.costUsd! + attempts[1]!.costUsd!, 12);
});

test("the loser's socket is closed as soon as the winner has said anything", async () => {
  const world = await known({ first: { fault: 'stall' } });
  const seen = world.simulator.calls.length;
  const { attempts } = await world.generate(PATIENT);
  const [lost, won] = world.simulator.calls.slice(seen);
  expect(lost).toMatchObject({ provider: 'openai', ended: 'cancelled' });
  expect(lost!.endedMs! - won!.startedMs).toBeCloseTo(attempts[1]!.firstChunkMs!, 6);
  expect(won!.endedMs).toBeGreaterThan(lost!.endedMs!);
});

test('the first attempt may still win, and then the hedge is the one that is given up', async () => {
  const world = await known({
    second: { fault: 'stall' },
    first: { fault: 'slow', firstTokenMs: 250 } as FaultRule,
  });
  const { attempts, servedBy } = await world.generate(PATIENT);
  expect(servedBy).toBe(openai);
  expect(trail(attempts)).toEqual(['first openai ok', 'hedge anthropic CANCELLED']);
});

test('a hedge that fails leaves the first attempt alone', async () => {
  const world = await known({
    first: { fault: 'slow', firstTokenMs: 260 } as FaultRule,
    second: { fault: 'overloaded' },
  });
  const { attempts } = await world.generate(PATIENT);
  expect(trail(attempts)).toEqual(['first openai ok', 'hedge anthropic PROVIDER_OVERLOADED']);
});

test('what a hedge cuts short is learned as taking at least so long', async () => {
  const world = await known({ first: { fault: 'stall' } });
  const before = world.gateway.ledger.latency(`first-chunk:${openai}`)!.samples;
  await world.generate(PATIENT);
  expect(world.gateway.ledger.latency(`first-chunk:${openai}`)!.samples).toBe(before + 1);
});

test('a route that does not ask for it is never hedged', async () => {
  const world = await known({ hedge: false, first: { fault: 'stall' } });
  expect(trail((await world.generate()).attempts)).toEqual([
    'first openai PROVIDER_STALLED',
    'failover anthropic ok',
  ]);
});

test('nor may it spend the hedges that calls of another route have earned', async () => {
  const world = await known({ first: { fault: 'stall' } });
  const { attempts } = await world.generate({ ...PATIENT, route: 'execute' });
  expect(trail(attempts)).toEqual(['first openai PROVIDER_STALLED', 'failover anthropic ok']);
});

test('nothing is hedged before the target is known', async () => {
  const world = createWorld({
    faults: { openai: [{ fault: 'stall' }] },
    config: { roles: { classify: { targets: [openai, anthropic], hedge: true } } },
  });
  for (let call = 0; call < 3; call++) {
    const { attempts } = await world.generate({ limits: { firstChunkMs: 500 } });
    expect(attempts.map(({ kind }) => kind)).toEqual(['first', 'failover']);
  }
});

test('once content has come there is no hedge, however long the rest takes', async () => {
  const world = await known({ first: { fault: 'stall-mid', afterTokens: 2 } });
  const { attempts } = await world.generate({ limits: { chunkMs: 2_000 } });
  expect(trail(attempts)).toEqual(['first openai PROVIDER_STALLED', 'failover anthropic ok']);
});

test('hedges are 5 % of the calls, and none is there to begin with', async () => {
  const world = await known({ first: { fault: 'stall' } });
  const kinds: string[] = [];
  for (let call = 0; call < 12; call++)
    kinds.push(...(await world.generate()).attempts.map(({ kind }) => kind));
  const hedges = world.simulator.calls.length - LESSONS - kinds.filter((kind) => kind !== 'hedge').length;
  expect(hedges).toBeGreaterThan(0);
  expect(hedges).toBeLessThanOrEqual(0.05 * (LESSONS + 12));
  expect(kinds.filter((kind) => kind === 'failover').length).toBeGreaterThan(0);
});

test.each([
  { taken: 8, kinds: ['first', 'hedge'] },
  { taken: 9, kinds: ['first', 'failover'] },
])('$taken of ten places taken on the other target', async ({ taken, kinds }) => {
  const world = await known({
    first: { fault: 'stall' },
    second: { fault: 'slow', firstTokenMs: 300 },
    policy: { maxInFlightPerTarget: 10 },
  });
  const others = Array.from({ length: taken }, () => world.gateway.generate(world.ask({ route: 'reason' })));
  const { attempts } = await world.generate(PATIENT);
  await world.clock.run(Promise.all(others));
  expect(attempts.map(({ kind }) => kind)).toEqual(kinds);
});

test('a call whose money is spent is not hedged', async () => {
  const world = await known({ first: { fault: 'stall' } });
  const budget = budgetOf(0.5);
  const call = world.gateway.generate(world.ask({ budget }));
  await world.clock.advance(1);
  budget.money.add(1);
  const error = await world.clock.run(call.catch((thrown: { attempts: readonly AttemptRecord[] }) => thrown));
  expect(error.attempts.map(({ kind }) => kind)).toEqual(['first']);
});

test('both attempts are held and counted on a cap', async () => {
  const world = await known({ first: { fault: 'stall' }, caps: [{ per: 'all', usd: 5 }] });
  const { gateway, clock } = world;
  const all = { cap: 'all', value: '', window: { type: 'always' } } as const;
  const standing = () => gateway.ledger.spend.standing(all, clock.epochMs());
  const before = standing().spentUsd;
  const held: number[] = [];
  gateway.events.on('attempt-start', () => held.push(standing().heldUsd));
  const { attempts, costUsd } = await world.generate(PATIENT);
  expect(attempts.map(({ kind }) => kind)).toEqual(['first', 'hedge']);
  expect(held[1]).toBeGreaterThan(2 * Number(held[0]));
  expect(standing().heldUsd).toBe(0);
  expect(standing().spentUsd - before).toBeCloseTo(Number(costUsd), 12);
});

test('cancelling ends both at once', async () => {
  const world = await known({ first: { fault: 'stall' }, second: { fault: 'stall' } });
  const controller = new AbortController();
  const atMs = p95Of(world) + 20;
  world.clock.setTimer(atMs, () => controller.abort());
  const error = await world.failure({ signal: controller.signal });
  expect(error.code).toBe('CANCELLED');
  expect(trail(error.attempts)).toEqual(['first openai CANCELLED', 'hedge anthropic CANCELLED']);
  expect(world.simulator.calls.slice(-2).map(({ ended }) => ended)).toEqual(['cancelled', 'cancelled']);
  expect(world.clock.pendingTimers()).toBe(0);
});

test('a reader of the stream sees one answer, whichever wins', async () => {
  const world = await known({ first: { fault: 'stall', forMs: 300 } });
  const events: ModelStreamEvent[] = [];
  const read = async () => {
    for await (const event of world.gateway.stream(world.ask())) events.push(event);
  };
  await world.clock.run(read());
  const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
  expect(events.some(({ type }) => type === 'restart')).toBe(false);
  expect(events.at(-1)).toMatchObject({ type: 'end', result: { text, attempts: [{}, { kind: 'hedge' }] } });
});
