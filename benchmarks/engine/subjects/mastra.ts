import { createStep, createWorkflow } from '@mastra/core/workflows';
import { z } from 'zod';
import { addOne, STEPS, type PrepareSubject } from '../chain.ts';

/** A Mastra workflow of ten steps, without storage: its fastest configuration. */
export const prepareMastra: PrepareSubject = async () => {
  const steps = Array.from({ length: STEPS }, (_, step) =>
    createStep({
      id: `step${step}`,
      inputSchema: z.number(),
      outputSchema: z.number(),
      execute: ({ inputData }) => addOne(inputData),
    }),
  );
  const chained = createWorkflow({ id: 'chain', inputSchema: z.number(), outputSchema: z.number() });
  // `then` chains a step here; the same method is why a workflow must never be returned from an async function.
  for (const step of steps) chained.then(step);
  chained.commit();
  return async (start) => {
    const run = await chained.createRun();
    const result = await run.start({ inputData: start });
    if (result.status !== 'success') throw new Error(`Mastra ended ${result.status}`);
    return result.result;
  };
};
