import { assign, createActor, fromPromise, setup, toPromise } from 'xstate';
import { addOne, STEPS, type PrepareSubject } from '../chain.ts';

/** The same machine as Paceline's, on XState's own live actor: no journal, no deadline, no spend. */
export const prepareXStateActor: PrepareSubject = async () => {
  const { createMachine } = setup({
    types: {
      context: {} as { value: number },
      input: {} as number,
      output: {} as number,
    },
    actors: { add: fromPromise<number, number>(({ input }) => addOne(input)) },
    actions: { keep: assign(({ event }) => ({ value: (event as unknown as { output: number }).output })) },
  });
  const stateNames = Array.from({ length: STEPS }, (_, step) => `step${step}`);
  const machine = createMachine({
    context: ({ input }) => ({ value: input }),
    output: ({ context }) => context.value,
    initial: 'step0',
    states: {
      ...Object.fromEntries(
        stateNames.map((name, step) => [
          name,
          {
            invoke: {
              id: name,
              src: 'add' as const,
              input: ({ context }: { context: { value: number } }) => context.value,
              onDone: { target: stateNames[step + 1] ?? 'done', actions: 'keep' as const },
            },
          },
        ]),
      ),
      done: { type: 'final' },
    },
  });
  return (start) => toPromise(createActor(machine, { input: start }).start());
};
