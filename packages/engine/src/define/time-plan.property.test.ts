import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMachine, fromPromise, initialTransition, transition } from 'xstate';
import type { AnyMachineSnapshot, AnyStateMachine, ExecutableActionObject } from 'xstate';
import type { RawNode } from './chart.ts';
import { buildGraph } from './graph.ts';
import { readChart } from './read-chart.ts';
import { createTimePlan } from './time-plan.ts';
import type { TimePlan } from './workflow.ts';

/**
 * The time plan against an oracle that knows nothing of graphs: XState itself runs the machine, and a search tries every
 * branch of every step in the order in which steps and timers end.
 */
test('the plan of a machine is the time of its fastest run', () => {
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const { config, durations } = randomMachine(gen);
      const expectedMs = (step: string): number => durations[step] ?? 0;
      expect(planOf(config, durations).totalMs(expectedMs)).toBe(
        fastest(config, durations, 'success') ?? fastest(config, durations, 'any') ?? 0,
      );
    }),
    { numRuns: 300 },
  );
});

test('what follows a step is the plan of the machine that starts there, without the step', () => {
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const { config, durations } = randomMachine(gen);
      const expectedMs = (step: string): number => durations[step] ?? 0;
      const plan = planOf(config, durations);
      for (const [key, { invoke }] of Object.entries(config.states ?? {})) {
        if (invoke === undefined || Array.isArray(invoke)) continue;
        const { src } = invoke as { readonly src: string };
        const fromHere = { ...config, initial: key };
        const total = fastest(fromHere, durations, 'success') ?? fastest(fromHere, durations, 'any');
        const later = total === undefined ? 0 : total - expectedMs(src);
        expect(plan.laterMs(src, expectedMs)).toBe(later);
      }
    }),
    { numRuns: 150 },
  );
});

function planOf(config: RawNode, durations: Readonly<Record<string, number>>): TimePlan {
  return createTimePlan(buildGraph(readChart({ id: 'm', ...config })), Object.keys(durations));
}

interface RandomMachine {
  readonly config: RawNode;
  /** By step; each step is invoked once, under its own name. */
  readonly durations: Readonly<Record<string, number>>;
}

type Gen = fc.GeneratorValue;

/** Leaves, waits, compound and parallel states with any cycles; some ends degraded, some ways without an end. */
function randomMachine(gen: Gen): RandomMachine {
  const durations: Record<string, number> = {};
  const count = gen(fc.integer, { min: 1, max: 4 });
  const keys = Array.from({ length: count }, (_, index) => `s${index}`);
  const all = [...keys, 'good', 'bad'];
  const one = (from: readonly string[]): string => gen(fc.constantFrom, ...from);

  const step = (targets: readonly string[]): RawNode => {
    const name = `step${Object.keys(durations).length}`;
    durations[name] = gen(fc.integer, { min: 1, max: 6 });
    const branches = Array.from({ length: gen(fc.integer, { min: 1, max: 2 }) }, (_, choice) => ({
      target: one(targets),
      guard: ({ event }: { readonly event: { readonly output: number } }) => event.output === choice,
    }));
    return { invoke: { id: name, src: name, onDone: branches, onError: '#m.good' } };
  };
  const region = (...outside: readonly string[]): RawNode => ({
    initial: 'x',
    states: { x: step(['y', 'end', ...outside]), y: step(['x', 'end', ...outside]), end: { type: 'final' } },
  });
  const compound = (): RawNode => ({ ...region(`#m.${one(all)}`), onDone: one(all) });
  // Only one region leads out: of two, the quicker would decide for both, whatever follows. The plan is blind to that.
  const parallel = (): RawNode => ({
    type: 'parallel',
    onDone: one(all),
    states: { left: region(`#m.${one(all)}`), right: region() },
  });
  const states = keys.map((key, index): [string, RawNode] => {
    const kind = gen(fc.constantFrom, 'step', 'step', 'wait', 'pass', 'compound', 'parallel');
    if (kind === 'wait') return [key, { after: { [gen(fc.integer, { min: 1, max: 9 })]: one(all) } }];
    // Forward only: eventless transitions in a ring would never come to rest.
    if (kind === 'pass') return [key, { always: one(all.slice(index + 1)) }];
    if (kind === 'compound') return [key, compound()];
    return [key, kind === 'parallel' ? parallel() : step(all)];
  });
  const ends = { good: { type: 'final' }, bad: { type: 'final', tags: ['degraded'] } } as const;
  return {
    config: { id: 'm', initial: 's0', states: { ...Object.fromEntries(states), ...ends } },
    durations,
  };
}

/** A moment of a run: what is under way, and when it ends. */
interface Moment {
  readonly atMs: number;
  readonly snapshot: AnyMachineSnapshot;
  /** End by event type. */
  readonly ends: Readonly<Record<string, number>>;
}

/** Time of the fastest run, or undefined if none ends. Dijkstra over moments, told apart by state and time left. */
function fastest(
  config: RawNode,
  durations: Readonly<Record<string, number>>,
  goal: 'success' | 'any',
): number | undefined {
  const actors = Object.fromEntries(Object.keys(durations).map((name) => [name, fromPromise(async () => 0)]));
  const machine: AnyStateMachine = createMachine(config as object, { actors });
  const open: Moment[] = [moment(0, {}, initialTransition(machine))];
  const seen = new Set<string>();
  for (;;) {
    open.sort((a, b) => b.atMs - a.atMs);
    const now = open.pop();
    if (now === undefined) return undefined;
    const left = Object.entries(now.ends).map(([type, atMs]) => [type, atMs - now.atMs]);
    const key = JSON.stringify([now.snapshot.value, left.toSorted()]);
    if (seen.has(key)) continue;
    seen.add(key);
    if (now.snapshot.status === 'done') {
      if (goal === 'any' || !now.snapshot.hasTag('degraded')) return now.atMs;
      continue;
    }
    open.push(...following(now));
  }

  function following({ snapshot, ends }: Moment): readonly Moment[] {
    const nextMs = Math.min(...Object.values(ends));
    return Object.keys(ends)
      .filter((type) => ends[type] === nextMs)
      .flatMap((type) =>
        [0, 1].flatMap((output) => {
          const next = transition(machine, snapshot, { type, output });
          // A branch that the step does not have.
          if (type.startsWith('xstate.done') && next[0].value === snapshot.value && next[1].length === 0)
            return [];
          const { [type]: _, ...others } = ends;
          return [moment(nextMs, others, next)];
        }),
      );
  }

  function moment(
    atMs: number,
    before: Readonly<Record<string, number>>,
    [snapshot, actions]: [AnyMachineSnapshot, ExecutableActionObject[]],
  ): Moment {
    const ends = { ...before };
    for (const { type, params } of actions) {
      const { id = '', delay, event, sendId = '' } = params as EffectParams;
      if (type === 'xstate.spawnChild') ends[`xstate.done.actor.${id}`] = atMs + (durations[id] ?? 0);
      if (type === 'xstate.stopChild') delete ends[`xstate.done.actor.${id}`];
      if (type === 'xstate.raise' && event && delay !== undefined) ends[event.type] = atMs + delay;
      if (type === 'xstate.cancel') delete ends[sendId];
    }
    return { atMs, snapshot, ends };
  }
}

interface EffectParams {
  readonly id?: string;
  readonly delay?: number;
  readonly event?: { readonly type: string };
  readonly sendId?: string;
}
