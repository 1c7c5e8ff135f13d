import { createGateway } from '@paceline/gateway';
import { MODEL, PROMPT, type PrepareSubject } from '../answer.ts';

/** The whole gateway with its defaults: plan, guards, watchdogs, completeness, usage, price. Two targets and hedging, neither needed. */
export const preparePaceline: PrepareSubject = async (url) => {
  const provider = { wire: 'openai', baseUrl: `${url}/v1` } as const;
  const gateway = createGateway({
    roles: { reason: { targets: [`first/${MODEL}`, `second/${MODEL}`], hedge: true } },
    providers: { first: { ...provider, pricedAs: 'openai' }, second: { ...provider, pricedAs: 'openai' } },
  });
  let run = 0;
  return async () => {
    const { text } = await gateway.generate({
      route: 'reason',
      messages: [{ role: 'user', text: PROMPT }],
      answer: { type: 'text' },
      deadline: { atMs: performance.now() + 60_000 },
      signal: new AbortController().signal,
      call: { runId: `run-${run++}`, step: 'ask', turn: 0 },
      // Sixty-four callers who never pause keep the loop busy: whoever is less critical is shed.
      criticality: 'critical-plus',
    });
    return text;
  };
};
