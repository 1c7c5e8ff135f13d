/** Steps of the chain that every subject runs. */
export const STEPS = 10;

/** One step's work: as little as possible and asynchronous, so that what remains is what the engine costs. */
export const addOne = async (value: number): Promise<number> => value + 1;

/** Runs the whole chain once. From 0 the answer must be `STEPS`. */
export type RunChain = (start: number) => Promise<number>;

/** Prepares a subject. It returns a function because an object with a `then` method would be awaited. */
export type PrepareSubject = () => Promise<RunChain>;

/** Runs so many chains, each checked, `concurrency` of them at a time. */
export async function runChains(runChain: RunChain, chains: number, concurrency: number): Promise<void> {
  let left = chains;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await runChain(0);
      if (answer !== STEPS) throw new Error(`The chain answered ${answer} instead of ${STEPS}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
