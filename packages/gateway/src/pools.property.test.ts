import { deadlineIn, seededRandom, sleep } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createGateway } from './index.ts';
import { recordedStream, request } from './test-support/canned.ts';
import type { Gateway } from './index.ts';
import type { VirtualClock } from '@paceline/resilience/testing';

const ENV = { KEY_A: 'sk-alpha-0123456789', KEY_B: 'sk-bravo-0123456789', KEY_C: 'sk-charlie-0123456789' };
const MODEL = 'openai/gpt-5-mini';
const NAMES = ['a', 'b', 'c'] as const;
const NAME_OF = new Map(Object.values(ENV).map((key, at) => [key, NAMES[at]!]));

/** What a provider says to a key. `afterS`: when it takes calls of it again, if it says so. */
interface Word {
  readonly status: 200 | 401 | 402 | 429;
  readonly afterS: number | null;
}

const word: fc.Arbitrary<Word> = fc.record({
  status: fc.constantFrom(200, 401, 402, 429),
  afterS: fc.option(fc.constantFrom(1, 7, 40, 300, 5_000)),
});

const scene = fc.record({
  seed: fc.nat(1_000_000),
  /** What each key is told, one word a request; then all is well. */
  words: fc.tuple(...NAMES.map(() => fc.array(word, { maxLength: 6 }))),
  steps: fc.array(
    fc.record({
      advanceMs: fc.constantFrom(0, 500, 4_000, 45_000, 400_000),
      calls: fc.integer({ min: 1, max: 4 }),
      withinMs: fc.constantFrom(1_000, 20_000, 90_000),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

const ANSWERS_AFTER_MS = 5;
let answer: Uint8Array<ArrayBuffer>;
beforeAll(async () => void (answer = new Uint8Array(await recordedStream('openai'))));

interface Pool {
  readonly gateway: Gateway;
  readonly clock: VirtualClock;
  /** Requests that came while their key was not to be asked. */
  readonly tooEarly: string[];
  /** All words are spoken, and each key has answered after its last. */
  done(): boolean;
}

/** Three keys, and a provider that keeps its own account of when each may be asked again. */
function poolIn({ seed, words }: Scene): Pool {
  const clock = createVirtualClock();
  const left = new Map(NAMES.map((name, at) => [name, [...words[at]!]]));
  const notBeforeMs = new Map<string, number>();
  const tooEarly: string[] = [];
  const well = new Set<string>();
  const fetch: typeof globalThis.fetch = async (_, init) => {
    const credential = new Headers(init?.headers).get('authorization')?.replace('Bearer ', '') ?? '';
    const name = NAME_OF.get(credential)!;
    const { parked } = gateway.health().targets.find((each) => each.name === `${MODEL}@${name}`)!;
    if (parked !== null || clock.nowMs() < (notBeforeMs.get(name) ?? 0)) tooEarly.push(name);
    const { status, afterS } = left.get(name)?.shift() ?? { status: 200 as const, afterS: null };
    await sleep(clock, ANSWERS_AFTER_MS, init?.signal as AbortSignal);
    if (left.get(name)?.length === 0 && status === 200) well.add(name);
    if (status === 200) return new Response(answer, { headers: { 'content-type': 'text/event-stream' } });
    const waits = afterS !== null && status !== 401;
    if (waits) notBeforeMs.set(name, Math.max(notBeforeMs.get(name) ?? 0, clock.nowMs() + afterS * 1_000));
    const body = { error: { message: 'No.', ...(status === 402 && { code: 'insufficient_quota' }) } };
    return Response.json(body, { status, headers: waits ? { 'retry-after': String(afterS) } : {} });
  };
  const gateway = createGateway({
    roles: { classify: [MODEL] },
    providers: {
      openai: {
        wire: 'openai',
        baseUrl: 'http://upstream.test/v1',
        keys: {
          a: { apiKey: 'env:KEY_A' },
          b: { apiKey: 'env:KEY_B', weight: 2 },
          c: { apiKey: 'env:KEY_C' },
        },
      },
    },
    env: ENV,
    random: seededRandom(seed),
    fetch,
    clock,
  });
  return { gateway, clock, tooEarly, done: () => well.size === NAMES.length };
}

async function call({ gateway, clock }: Pool, withinMs: number, run: number): Promise<void> {
  const identity = { runId: `run-${run}`, step: 'triage', turn: 0 };
  await gateway.generate(request({ deadline: deadlineIn(clock, withinMs), call: identity })).catch(() => {});
}

test('no parked key is asked before its time, and none is forgotten after it', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (played) => {
      const pool = poolIn(played);
      const { clock, tooEarly, done } = pool;
      let run = 0;
      for (const { advanceMs, calls, withinMs } of played.steps) {
        await clock.advance(advanceMs);
        await clock.run(Promise.all(Array.from({ length: calls }, () => call(pool, withinMs, run++))));
      }
      expect(tooEarly).toEqual([]);

      // However often it was told off, each key comes back, and hears all that its provider has to say.
      for (let comeback = 0; comeback < 40 && !done(); comeback++) {
        await clock.advance(2 * 3_600_000);
        for (let each = 0; each < 6; each++) await clock.run(call(pool, 20_000, run++));
      }
      expect(done()).toBe(true);
      expect(tooEarly).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
