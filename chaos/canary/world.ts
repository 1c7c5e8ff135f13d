import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { deadlineIn, seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createEngine, createGateway, sqliteJournal } from 'paceline';
import { cannedProvider } from './provider.ts';
import { workflowOf } from './workflow.ts';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { Gateway, GatewayConfig, ModelRequest } from '@paceline/gateway';
import type { Engine, EngineEvent, RunOutcome } from 'paceline';
import type { Placing } from './paths.ts';

/** The known secrets of one world: of the config, by its environment, and of the engine. */
export interface Secrets {
  readonly key: string;
  readonly header: string;
  readonly named: string;
  readonly ofEngine: string;
}

/** All bytes that came out, by where they did. */
export type Outlets = Readonly<Record<'log' | 'journal' | 'errors' | 'events' | 'outcomes', string>>;

export interface Seen {
  readonly outlets: Outlets;
  /** What the provider was sent. */
  readonly heard: string;
}

/** Lets a run and a call go through a world of their own in which a text stands where the case says. */
export async function letThrough(placing: Placing, secrets: Secrets): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-canary-'));
  const clock = createVirtualClock();
  const provider = cannedProvider(placing);
  const lines: string[] = [];
  const log = {
    to: { write: (line: string) => void lines.push(line) },
    level: 'debug',
    payload: 'full',
  } as const;
  const gateway = createGateway({ ...configOf(secrets), fetch: provider.fetch, clock, log });
  const journal = sqliteJournal({ path: join(folder, 'runs.db'), clock });
  const random = seededRandom(1);
  const engine = createEngine({ gateway, journal, clock, random, secrets: { OWN: secrets.ofEngine } });
  const told = listen(gateway, engine);
  const errors: string[] = [];
  const caught = (error: unknown): void => void errors.push(...writtenOut(error));
  try {
    const { outcome, events } = await runThrough({ engine, clock, caught }, placing);
    const result = await clock.run(gateway.generate(requestOf(placing, clock)).catch(caught));
    await clock.run(engine.close());
    await gateway.close();
    // With its log still beside it: closing would fold it in.
    const files = bytesIn(folder);
    await journal.close();
    const outcomes = JSON.stringify([{ ...outcome, runId: null }, result?.attempts, result?.usage]);
    const outlets = { log: lines.join(''), journal: files + bytesIn(folder), errors: errors.join('\n') };
    return {
      outlets: { ...outlets, events: JSON.stringify([told, events]), outcomes },
      heard: provider.heard(),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function configOf({ key, header, named }: Secrets): GatewayConfig {
  const targets = ['canned/model'];
  return {
    roles: { classify: targets, reason: targets, execute: targets },
    providers: {
      canned: {
        wire: 'openai-compatible',
        baseUrl: 'http://canned.test/v1',
        apiKey: 'env:CANNED_KEY',
        headers: { 'x-account-token': `Token ${header}` },
      },
    },
    env: { CANNED_KEY: key, NAMED: named },
    redact: { secrets: ['env:NAMED'] },
    policy: { attempts: 2 },
  };
}

/** @returns what is told from now on */
function listen(gateway: Gateway, engine: Engine): readonly unknown[] {
  const told: unknown[] = [];
  const ofGateway = [
    'call-plan',
    'attempt-start',
    'attempt-end',
    'call-end',
    'call-shed',
    'breaker-change',
  ] as const;
  for (const name of ofGateway) gateway.events.on(name, (event: unknown) => told.push(event));
  const ofEngine = [
    'run-start',
    'step-start',
    'step-end',
    'step-error',
    'tool-start',
    'tool-end',
    'attempt-end',
  ] as const;
  const ofRuns = ['signal', 'message-refused', 'run-end'] as const;
  for (const name of [...ofEngine, ...ofRuns]) engine.events.on(name, (event: unknown) => told.push(event));
  return told;
}

interface Running {
  readonly engine: Engine;
  readonly clock: VirtualClock;
  readonly caught: (error: unknown) => void;
}

interface Ran {
  readonly outcome: RunOutcome<unknown> | undefined;
  /** Of the run's own handle. */
  readonly events: readonly EngineEvent[];
}

async function runThrough({ engine, clock, caught }: Running, placing: Placing): Promise<Ran> {
  const { input = 'the lamp', labels = {}, tenant, runId = 'run', signal = 'go', cancel } = placing;
  const options = { labels, runId, ...(tenant !== undefined && { tenant }) };
  const handle = engine.start(workflowOf(placing), { text: input }, options);
  const events: EngineEvent[] = [];
  const reading = (async () => {
    for await (const event of handle.events) events.push(event);
  })();
  await clock.advance(20_000);
  if (cancel !== undefined) handle.cancel(cancel);
  await clock.run(handle.signal('go', { text: signal }).catch(caught));
  const outcome = await clock.run(handle.result.catch(caught));
  await tellLate({ engine, clock, caught }, placing);
  await reading;
  return { outcome: outcome ?? undefined, events };
}

/** Says and asks what comes too late for the run: each is refused with an error of its own. */
async function tellLate({ engine, clock, caught }: Running, placing: Placing): Promise<void> {
  const { runId = 'run', signal: text = 'go' } = placing;
  const late: readonly (() => Promise<unknown>)[] = [
    () => engine.cancel(runId),
    () => engine.signal(runId, 'go', { text }),
    () => engine.answer(runId, { type: 'failed', reason: text }),
    () => engine.fork(workflowOf(placing), runId, { atSeq: 1_000 }),
  ];
  for (const ask of late) await clock.run(ask().catch(caught));
}

function requestOf({ route, step, conversation, ...placing }: Placing, clock: VirtualClock): ModelRequest {
  return {
    route: route ?? 'classify',
    messages: [{ role: 'user', text: placing.prompt ?? 'Well?' }],
    answer: { type: 'text' },
    deadline: deadlineIn(clock, 10_000),
    signal: new AbortController().signal,
    call: { runId: placing.runId ?? 'direct', step: step ?? 'direct', turn: 0 },
    labels: placing.labels ?? {},
    ...(placing.tenant !== undefined && { tenant: placing.tenant }),
    ...(conversation !== undefined && { conversation }),
  };
}

/** All that may be read off an error. */
function writtenOut(error: unknown): readonly string[] {
  const { message, stack } = error as Error;
  return [message, stack ?? '', JSON.stringify(error), inspect(error, { depth: 10, showHidden: true })];
}

function bytesIn(folder: string): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n');
}
