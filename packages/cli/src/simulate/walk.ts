import type { Random } from '@paceline/resilience';
import type { ChartState, ChartTransition } from 'paceline';
import { drawBranch } from './branches.ts';
import type { BranchWeights } from './branches.ts';
import { drawStep, NOTHING_DONE } from './draw-step.ts';
import type { DrawnStep, ModelledStep } from './draw-step.ts';

/** A chain as the model knows it. */
export interface ModelledChain {
  readonly root: ChartState;
  readonly totalMs: number;
  readonly steps: ReadonlyMap<string, ModelledStep>;
  /** What the steps after an invoke usually take on the cheapest successful path, by invoke id. */
  readonly laterMs: ReadonlyMap<string, number>;
  readonly weights: BranchWeights;
}

export interface DrawnRun {
  readonly status: 'succeeded' | 'degraded' | 'failed';
  readonly ms: number;
  readonly usd: number;
  readonly unpriced: number;
  readonly attempts: number;
  /** Every visit: its step, and whether and how fast it was done. */
  readonly visits: readonly { readonly step: string; readonly ok: boolean; readonly ms: number }[];
}

/** How a state was left: for another one, or because it is done. */
interface Exit {
  readonly atMs: number;
  readonly to: ChartState | null;
  /** The final states in which it ended; empty where it was left. */
  readonly finals: readonly ChartState[];
}

/** From the engine: what a step leaves for the later ones, what it needs of its own usual time, what the ending needs. */
const FLOOR_SHARE = 0.5;
const SETTLE_MS = 10;
const SETTLE_SHARE = 0.05;

/** Beyond so many states a run is given up: it goes round in circles that take no time. */
const MOST_STATES = 10_000;

/** One run down the machine: branches by their weights, steps by their draws. An awaited event comes at once. */
export class Walk {
  private readonly chain: ModelledChain;
  private readonly random: Random;
  private readonly row: number;
  private readonly visits: { readonly step: string; readonly ok: boolean; readonly ms: number }[] = [];
  private readonly visited = new Map<string, number>();
  private spent = { usd: 0, unpriced: 0, attempts: 0 };
  private states = 0;

  constructor(chain: ModelledChain, row: number, random: Random) {
    this.chain = chain;
    this.row = row;
    this.random = random;
  }

  run(): DrawnRun {
    const { root, totalMs } = this.chain;
    const { atMs, finals } = this.enter(root, 0, null);
    const is = (tag: string): boolean => finals.some(({ tags }) => tags.includes(tag));
    const inTime = atMs <= totalMs && finals.length > 0;
    const status = !inTime || is('failed') ? 'failed' : is('degraded') ? 'degraded' : 'succeeded';
    return { status, ms: Math.min(atMs, totalMs), ...this.spent, visits: this.visits };
  }

  /** @param into a state within this one that is to be entered; `null`: its initial one */
  private enter(state: ChartState, atMs: number, into: ChartState | null): Exit {
    if (++this.states > MOST_STATES || atMs > this.chain.totalMs) return NEVER;
    switch (state.type) {
      case 'final':
        return { atMs, to: null, finals: [state] };
      case 'history':
        return { atMs, to: state.initial[0] ?? null, finals: [] };
      case 'atomic':
        return this.stayIn(state, atMs);
      case 'compound':
        return this.cutOff(state, atMs, this.enterChildren(state, atMs, into));
      case 'parallel':
        return this.cutOff(state, atMs, this.enterRegions(state, atMs, into));
    }
  }

  private enterChildren(state: ChartState, atMs: number, into: ChartState | null): Exit {
    let target = into ?? state.initial[0];
    let nowMs = atMs;
    for (;;) {
      const child = target && childTowards(state, target);
      if (target === undefined || child === undefined) return NEVER;
      const exit = this.enter(child, nowMs, target === child ? null : target);
      if (exit.to !== null && childTowards(state, exit.to) !== undefined) {
        target = exit.to;
        nowMs = exit.atMs;
        continue;
      }
      return exit.to === null ? this.done(state, exit) : exit;
    }
  }

  private enterRegions(state: ChartState, atMs: number, into: ChartState | null): Exit {
    const exits = state.children
      .filter(({ type }) => type !== 'history')
      .map((region) => this.enter(region, atMs, into !== null && isWithin(into, region) ? into : null));
    const [left] = exits.filter(({ to }) => to !== null).toSorted((a, b) => a.atMs - b.atMs);
    if (left !== undefined) return left;
    const joined = { atMs: Math.max(...exits.map((exit) => exit.atMs)), to: null };
    return this.done(state, { ...joined, finals: exits.flatMap(({ finals }) => finals) });
  }

  /** A state is done when a final child was reached: its own `onDone` leads on, or it stays so. */
  private done(state: ChartState, exit: Exit): Exit {
    const onDone = state.transitions.filter(({ on }) => on.type === 'state-done');
    if (exit.finals.length === 0 || onDone.length === 0) return exit;
    return this.follow(state, onDone, exit.atMs) ?? exit;
  }

  /** A delay of the state itself ends whatever goes on in it. */
  private cutOff(state: ChartState, atMs: number, exit: Exit): Exit {
    const timer = this.timer(state, atMs);
    return timer !== null && timer.atMs < exit.atMs ? timer : exit;
  }

  private stayIn(state: ChartState, atMs: number): Exit {
    const timer = this.timer(state, atMs);
    const exit = state.invokes.length > 0 ? this.work(state, atMs) : this.passOn(state, atMs, timer);
    return timer !== null && timer.atMs < exit.atMs ? timer : exit;
  }

  private work(state: ChartState, atMs: number): Exit {
    const ends = state.invokes
      .map((invoke) => ({ invoke, drawn: this.visit(invoke.id, invoke.src, atMs) }))
      .toSorted((a, b) => a.drawn.ms - b.drawn.ms);
    for (const { invoke, drawn } of ends) {
      const handled = handlers(state, drawn.ok ? 'invoke-done' : 'invoke-error', invoke.id);
      if (handled === undefined) return NEVER;
      const exit = this.follow(handled.state, handled.transitions, atMs + drawn.ms);
      if (exit !== null) return exit;
    }
    const lastMs = ends.at(-1)?.drawn.ms ?? 0;
    return this.follow(state, byType(state, 'always'), atMs + lastMs) ?? NEVER;
  }

  /** A state without a step: on by itself, else by an event, which comes at once, else by its timer. */
  private passOn(state: ChartState, atMs: number, timer: Exit | null): Exit {
    const always = this.follow(state, byType(state, 'always'), atMs);
    if (always !== null) return always;
    for (let around: ChartState | null = state; around !== null; around = around.parent) {
      const exit = this.follow(around, byType(around, 'event'), atMs);
      if (exit !== null) return exit;
    }
    return timer ?? NEVER;
  }

  private timer(state: ChartState, atMs: number): Exit | null {
    const delays = state.transitions.flatMap(({ on }) => (on.type === 'after' ? [Number(on.delay)] : []));
    if (delays.length === 0) return null;
    const firstMs = Math.min(...delays);
    const due = state.transitions.filter(({ on }) => on.type === 'after' && Number(on.delay) === firstMs);
    return this.follow(state, due, atMs + firstMs);
  }

  /** Takes one of the transitions. `null`: there is none, or it leads nowhere. */
  private follow(state: ChartState, transitions: readonly ChartTransition[], atMs: number): Exit | null {
    if (transitions.length === 0) return null;
    const { weights } = this.chain;
    const taken = drawBranch(state, transitions, { weights, random: this.random });
    const to = taken?.targets[0];
    return to === undefined ? null : { atMs, to, finals: [] };
  }

  private visit(invokeId: string, src: string, atMs: number): DrawnStep {
    const step = this.chain.steps.get(src);
    if (step === undefined) return NOTHING_DONE;
    const count = (this.visited.get(invokeId) ?? 0) + 1;
    this.visited.set(invokeId, count);
    const limitMs = count > step.maxVisits ? 0 : this.limitMs(invokeId, step, atMs);
    const drawn = limitMs === 0 ? NOTHING_DONE : drawStep(step, { row: this.row, limitMs }, this.random);
    const { usd, unpriced, attempts } = this.spent;
    this.spent = {
      usd: usd + drawn.usd,
      unpriced: unpriced + drawn.unpriced,
      attempts: attempts + drawn.attempts,
    };
    this.visits.push({ step: src, ok: drawn.ok, ms: drawn.ms });
    return drawn;
  }

  /** How long a step may take; 0 if it is not worth beginning. */
  private limitMs(invokeId: string, { limitMs: ownMs, usualMs }: ModelledStep, atMs: number): number {
    const leftMs = Math.max(0, this.chain.totalMs - atMs);
    const laterMs = this.chain.laterMs.get(invokeId) ?? 0;
    if (atMs === 0 && usualMs + laterMs > leftMs) return 0;
    const settleMs = Math.min(SETTLE_MS, leftMs * SETTLE_SHARE);
    const limitMs = Math.min(ownMs, leftMs - settleMs - FLOOR_SHARE * laterMs);
    return limitMs < FLOOR_SHARE * usualMs ? 0 : Math.max(0, limitMs);
  }
}

/** Nothing leads on: the deadline ends it. */
const NEVER: Exit = { atMs: Number.POSITIVE_INFINITY, to: null, finals: [] };

/** The child that is the target or holds it. */
function childTowards(state: ChartState, target: ChartState): ChartState | undefined {
  return state.children.find((child) => isWithin(target, child));
}

function isWithin(inner: ChartState | null, outer: ChartState): boolean {
  return inner === outer || (inner !== null && isWithin(inner.parent, outer));
}

function byType(state: ChartState, type: ChartTransition['on']['type']): readonly ChartTransition[] {
  return state.transitions.filter(({ on }) => on.type === type);
}

/** The innermost state that handles the end of an invoke. */
function handlers(state: ChartState, type: 'invoke-done' | 'invoke-error', invokeId: string) {
  for (let around: ChartState | null = state; around !== null; around = around.parent) {
    const transitions = around.transitions.filter(
      ({ on }) => on.type === type && 'invokeId' in on && (on.invokeId === invokeId || on.invokeId === '*'),
    );
    if (transitions.length > 0) return { state: around, transitions };
  }
  return undefined;
}
