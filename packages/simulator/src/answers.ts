import type { SimRequest } from './wire/wire.ts';
import type { Draft } from './write-answer.ts';

/** What the simulated model says. */
export function answerTo(_request: SimRequest): Draft {
  return { parts: [{ type: 'text', text: 'This is a simulated answer.', sure: [] }], finish: 'stop' };
}
