import { assert, integer, property, record, string } from 'fast-check';
import { expect, test } from 'vitest';
import { readStepToken, readTimerToken, stepToken, timerToken } from './token.ts';

const id = string({ minLength: 1 });
const count = integer({ min: 1 });

test('a token says which entry asked for what, whatever the ids hold', () => {
  assert(
    property(
      record({ runId: id, seq: count }),
      record({ id, visit: count }),
      (asked, { id: name, visit }) => {
        const { runId, seq } = asked;
        expect(readStepToken(runId, stepToken(asked, name, visit))).toEqual({ seq, invokeId: name, visit });
        expect(readTimerToken(runId, timerToken(asked, name))).toEqual({ seq, id: name });
      },
    ),
  );
});
