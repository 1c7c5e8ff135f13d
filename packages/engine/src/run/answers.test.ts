import { expect, test } from 'vitest';
import { z } from 'zod';
import { code } from '../define/steps.ts';
import type { Step } from '../define/step.ts';
import { answerEvent } from './answers.ts';
import type { Answer, AnswerTo, Wait } from './message.ts';
import type { RunRecord } from './record.ts';

const N = z.object({ n: z.number().default(1) });
const charge = code({ input: N, output: N, effect: 'once', run: () => ({}) }) as Step;

const DOUBT: Wait = { type: 'uncertain' };

/** A run with two charges in doubt at once, a call that needs approval, and a step that works. */
const record = {
  runId: 'run',
  pending: {
    left: { token: 'run/1/left/1', invokeId: 'left', step: 'charge', progress: [], wait: DOUBT },
    right: { token: 'run/1/right/1', invokeId: 'right', step: 'charge', progress: [], wait: DOUBT },
    // An id that is the name of another step, too.
    charge: {
      token: 'run/1/charge/1',
      invokeId: 'charge',
      step: 'act',
      progress: [{ type: 'turn', message: '', attempts: [] }],
      wait: { type: 'approval', toolCallId: 'call-1', tool: 'pay', input: {} },
    },
    busy: { token: 'run/1/busy/1', invokeId: 'busy', step: 'busy', progress: [] },
  },
} as unknown as RunRecord;

const answering = (answer: Answer, to: AnswerTo = {}) =>
  answerEvent(record, { steps: { charge } }, { type: 'answer', id: 'm', to, answer });

test('an answer finds its step by its call or its invoke, and is fenced by what the step had done', () => {
  const approve = { type: 'approve' } as const;
  const event = { type: 'step-answer', id: 'm', token: 'run/1/charge/1', progress: 1, answer: approve };
  expect(answering(approve, { toolCallId: 'call-1' })).toEqual(event);
  expect(answering(approve, { step: 'charge' })).toEqual(event);
  expect(answering(approve, { step: 'act' })).toEqual(event);
  expect(answering({ type: 'failed', reason: 'no' }, { step: 'right' })).toMatchObject({
    token: 'run/1/right/1',
  });
});

test('an output is recorded as the schema of the step gives it back', () => {
  expect(answering({ type: 'done', output: {} }, { step: 'left' }).answer).toEqual({
    type: 'done',
    output: { n: 1 },
  });
});

test.each<[string, AnswerTo, string]>([
  [
    'several wait',
    {},
    'Several steps of it wait; name one: run run, waiting: `left`, `right`, `charge` (tool call call-1).',
  ],
  ['it works', { step: 'busy' }, 'No step of it waits for this answer'],
  ['there is none', { step: 'nobody' }, 'No step of it waits for this answer'],
  ['the call is another', { toolCallId: 'call-2' }, 'No step of it waits for this answer'],
])('an answer is refused where %s', (_, to, text) => {
  expect(() => answering({ type: 'approve' }, to)).toThrow(
    expect.objectContaining({ code: 'NOT_WAITING', message: expect.stringContaining(text) }),
  );
});
