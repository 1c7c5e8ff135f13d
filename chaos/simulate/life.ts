import { hashUnit, linkedController, seededRandom, sleep } from '@paceline/resilience';
import { createEngine } from 'paceline';
import { Dice } from './dice.ts';
import { mapMethods } from './disk.ts';
import { makeFlow } from './flow.ts';
import { openGateway } from './gateway.ts';
import { mortalClock, NEVER } from './mortal-clock.ts';
import { LAST_LIFE } from './plan.ts';
import { PATIENT_MS } from './patience.ts';
import type { Gateway } from '@paceline/gateway';
import type { LinkedController, Timer } from '@paceline/resilience';
import type { Batch, Engine, EngineEvent, JournalStore } from 'paceline';
import type { Flow } from './flow.ts';
import type { MortalClock } from './mortal-clock.ts';
import type { LifePlan } from './plan.ts';
import type { Acting } from './shapes/shape.ts';
import type { World } from './world.ts';

export interface Birth {
  /** Counted from 0. */
  readonly number: number;
  /** By how much its machine's clock is ahead. */
  readonly skewMs: number;
}

/** A process of the application: all that it has, until it dies. */
export class Life {
  readonly number: number;
  readonly clock: MortalClock;
  readonly engine: Engine;
  readonly gateway: Gateway;
  readonly journal: JournalStore;
  readonly flows: readonly Flow[];
  /** Resolves when nobody counts on this process any more: it is dead, or taken for dead. */
  readonly over: Promise<void>;
  isOver = false;
  /** All runs have ended: nobody has to be attended to any more. */
  isDone = false;
  /** What it does for its callers. */
  working: Promise<void> = Promise.resolve();
  private readonly world: World;
  private plan: LifePlan;
  private readonly dice: Dice;
  private readonly calls: LinkedController[] = [];
  private readonly tried = new Map<string, number>();
  private ending: Timer | undefined;
  private tellOver: () => void = () => {};
  private operations = 0;

  /** @throws EngineError `JOURNAL_UNUSABLE` */
  constructor(world: World, plan: LifePlan, { number, skewMs }: Birth) {
    this.world = world;
    this.plan = plan;
    this.number = number;
    this.dice = new Dice(`life ${world.plan.seed}/${number}`);
    this.clock = mortalClock(world.clock, skewMs);
    this.over = new Promise((resolve) => (this.tellOver = resolve));
    this.journal = mapMethods(world.disk.open(this.clock), (call, name, args) =>
      this.operate(call, name, args),
    );
    this.gateway = openGateway(world, { number, clock: this.clock, fetch: this.fetch });
    this.engine = createEngine({
      gateway: this.gateway,
      journal: this.journal,
      clock: this.clock,
      random: seededRandom(`engine ${world.plan.seed}/${number}`),
    });
    for (const type of HEARD) this.engine.events.on(type, (event: EngineEvent) => this.hear(event));
    this.flows = world.plan.flows.map((flow) =>
      makeFlow(flow, { act: (acting) => this.act(acting), tries: (key) => this.tried.get(key) ?? 0 }),
    );
    this.ending = this.awaitEnd();
  }

  /** Every object of the process is left where it stands. */
  die(): void {
    if (!this.clock.alive) return;
    this.world.ledger.note({ died: this.number });
    this.clock.die();
    for (const call of this.calls) call.abort(new Error('The process is dead.'));
    this.end();
  }

  /** Nothing happens to it any more. */
  spare(): void {
    this.ending?.cancel();
    this.plan = LAST_LIFE;
  }

  /**
   * It goes in good order: what it still works on, taken over or not, comes to an end first. A run that waits for people and was taken over
   * meanwhile has no timer to notice that by: it is left.
   */
  async rest(): Promise<void> {
    await Promise.all([this.working, this.engine.close({ drainMs: 2 * PATIENT_MS, unfinished: 'leave' })]);
    await this.gateway.close();
    await this.journal.close();
  }

  /** In this process; one that is dead waits for ever. */
  async pause(ms: number): Promise<void> {
    if (!this.clock.alive || ms === Number.POSITIVE_INFINITY) return NEVER;
    await sleep(this.clock, ms, new AbortController().signal);
  }

  private awaitEnd(): Timer | undefined {
    const { end } = this.plan;
    if (end.how === 'moment') return this.world.clock.setTimer(end.afterMs, () => this.die());
    if (end.how === 'zombie') return this.world.clock.setTimer(end.afterMs, () => this.end());
    return undefined;
  }

  private end(): void {
    this.isOver = true;
    this.ending?.cancel();
    this.tellOver();
  }

  /** One operation of the journal, as far as this process lives to see it. */
  private async operate(
    call: () => Promise<unknown>,
    name: string,
    args: readonly unknown[],
  ): Promise<unknown> {
    if (!this.clock.alive) return NEVER;
    const { end, slowShare, slowMs } = this.plan;
    const isLast = end.how === 'operation' && ++this.operations === end.nth;
    if (isLast && !end.applied) this.die();
    if (this.dice.chance(slowShare)) await this.pause(this.dice.between(0, slowMs));
    if (!this.clock.alive) return NEVER;
    const [ended] = await Promise.allSettled([call()]);
    if (this.clock.alive && ended.status === 'fulfilled') this.noteDurable(name, args);
    if (isLast) this.die();
    if (!this.clock.alive) return NEVER;
    if (ended.status === 'rejected') throw ended.reason;
    return ended.value;
  }

  private noteDurable(name: string, args: readonly unknown[]): void {
    const { ledger } = this.world;
    if (name === 'claim') ledger.took(this.number, args[0] as string);
    if (name === 'create') this.noteBatch(args[0] as Batch);
    if (name === 'commit') this.noteBatch(args[1] as Batch);
  }

  private noteBatch({ entry }: Batch): void {
    this.world.ledger.recorded(this.number, entry);
  }

  private hear(event: EngineEvent): void {
    if (this.clock.alive) this.world.ledger.tell(this.number, this.world.clock.nowMs(), event);
  }

  /** A body takes effect at once, and then takes a while. */
  private async act({ runId, step, effect, key, longestMs = 50 }: Acting): Promise<{ readonly key: string }> {
    if (!this.clock.alive) return NEVER;
    const tries = (this.tried.get(key) ?? 0) + 1;
    this.tried.set(key, tries);
    const atMs = this.world.clock.nowMs();
    this.world.ledger.deed({ life: this.number, runId, step, effect, key, atMs, tries });
    await this.pause(longestMs * hashUnit('body', key, tries, this.number));
    return { key };
  }

  /** The kernel closes the sockets of a dead process; what comes of it nobody hears. */
  private readonly fetch: typeof globalThis.fetch = async (input, init) => {
    if (!this.clock.alive) return NEVER;
    const call = linkedController(init?.signal ?? new AbortController().signal);
    this.calls.push(call);
    return this.world.simulator.fetch(input, { ...init, signal: call.signal });
  };
}

/** All that a process tells about its runs. */
const HEARD = [
  'run-start',
  'run-resume',
  'run-end',
  'step-start',
  'step-end',
  'step-error',
  'tool-start',
  'tool-end',
  'attempt-end',
  'step-wait',
  'signal',
  'message-refused',
] as const;
