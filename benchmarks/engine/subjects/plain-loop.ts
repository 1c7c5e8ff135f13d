import { addOne, STEPS, type PrepareSubject } from '../chain.ts';

/** The limit: what the steps cost without any engine. */
export const preparePlainLoop: PrepareSubject = async () => async (start) => {
  let value = start;
  for (let step = 0; step < STEPS; step++) value = await addOne(value);
  return value;
};
