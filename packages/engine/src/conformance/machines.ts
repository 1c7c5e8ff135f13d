import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Step } from '../define/step.ts';
import type { Workflow } from '../define/workflow.ts';
import { assign } from '../xstate/actions.ts';
import { COUNT, given } from './steps-conformance.ts';

type Count = { readonly n: number };

/** What guards and assignments are given. */
export interface Args {
  readonly context: Count;
  readonly event: { readonly type: string; readonly output?: unknown; readonly error?: unknown };
}

/** What a step answered becomes the context. */
export const taken = assign(({ event }: Args) => ({ n: (event.output as Count).n }));

interface Way {
  /** Several ways, or one that does more than take the answer. @default to `done`, with the answer taken */
  readonly onDone?: unknown;
  /** @default to `failed` */
  readonly onError?: unknown;
  /** @default the context */
  readonly input?: unknown;
  /** The invoke's. @default the step's name */
  readonly id?: string;
}

/** A state at work on a step; a name is the way to a state, with the answer taken. */
export function at(src: string, way: Way | string = {}): object {
  const {
    onDone = 'done',
    onError = 'failed',
    input = given,
    id = src,
  } = typeof way === 'string' ? { onDone: way } : way;
  const taking = typeof onDone === 'string' ? { target: onDone, actions: taken } : onDone;
  return { invoke: { id, src, input, onDone: taking, onError } };
}

interface Rest {
  /** How the run ends in `failed`. @default 'degraded' */
  readonly failed?: 'degraded' | 'failed';
  /** @default the context */
  readonly output?: unknown;
}

/** A workflow that counts, from its steps and states; it begins in the first and ends in `done` or `failed`. */
export function counting(
  steps: Readonly<Record<string, Step>>,
  states: Readonly<Record<string, object>>,
  { failed = 'degraded', output = given }: Rest = {},
): Workflow<Count, Count> {
  const names = Object.keys(states);
  // A state that nothing leads to would be refused.
  const mayFail = /"#?failed"/.test(JSON.stringify(states));
  const config = {
    context: ({ input }: { readonly input: Count }) => input,
    output,
    initial: names[0],
    states: {
      ...states,
      done: { id: 'done', type: 'final' },
      ...(mayFail && { failed: { id: 'failed', type: 'final', tags: [failed] } }),
    },
  };
  const setup = setupWorkflow({ ...COUNT, id: `counting-${names.join('-')}`, steps });
  return setup.createMachine(config as never) as unknown as Workflow<Count, Count>;
}
