import { z } from 'zod';
import { setupWorkflow } from '../../define/setup-workflow.ts';
import { code } from '../../define/steps.ts';
import type { Workflow } from '../../define/workflow.ts';
import { assign } from '../../xstate/actions.ts';

export interface ChartContext {
  readonly n: number;
  readonly log: readonly string[];
}

interface Args {
  readonly context: ChartContext;
  readonly event: { readonly type: string; readonly output?: unknown; readonly payload?: unknown };
}

/** Whatever a machine listens to is one of these. */
export const SIGNALS = ['hello', 'bye'] as const;

const SIGNAL = z.object({ n: z.number() });
const work = code({ input: z.unknown(), output: SIGNAL, effect: 'pure', run: () => ({ n: 0 }) });

export const count = assign(({ context }: Args) => ({ n: context.n + 1 }));
/** What a step answered. */
export const take = assign(({ event }: Args) => ({ n: (event.output as { n: number }).n }));
/** What a signal says. */
export const hear = assign(({ event }: Args) => ({ n: (event.payload as { n: number }).n }));
export const note = (word: string) => assign(({ context }: Args) => ({ log: [...context.log, word] }));

export const isEven = ({ context }: Args): boolean => context.n % 2 === 0;
export const below =
  (most: number) =>
  ({ context }: Args): boolean =>
    context.n < most;
export const says =
  (least: number) =>
  ({ event }: Args): boolean =>
    (event.payload as { n: number }).n >= least;

/** A state at work: its step's id is also the way to answer it. */
export const at = (id: string, onDone: unknown, onError: unknown = '#lost') => ({
  invoke: { id, src: 'work', input: ({ context }: Args) => ({ n: context.n }), onDone, onError },
});

export const final = { type: 'final' } as const;

/** A workflow from its states, of which the first is where it begins; `end` is the good end, `#lost` the bad one. */
export function chart(states: Readonly<Record<string, object>>, root: object = {}): Workflow {
  const all = JSON.stringify([states, root]);
  const uses = (name: string): boolean => all.includes(`"${name}"`);
  const signals = SIGNALS.filter((name) => uses(name));
  const config = {
    context: { n: 0, log: [] },
    output: ({ context }: Args) => context,
    initial: Object.keys(states)[0],
    states: {
      ...states,
      end: { ...final, tags: ['reached'] },
      ...(uses('#lost') && { lost: { id: 'lost', ...final, tags: ['degraded'] } }),
    },
    ...root,
  };
  const setup = setupWorkflow({
    id: 'chart',
    input: z.null(),
    output: z.unknown(),
    context: z.object({ n: z.number(), log: z.array(z.string()) }),
    budget: { totalMs: 1_000_000 },
    steps: { work },
    ...(signals.length > 0 && { signals: Object.fromEntries(signals.map((name) => [name, SIGNAL])) }),
  });
  return setup.createMachine(config as never) as unknown as Workflow;
}
