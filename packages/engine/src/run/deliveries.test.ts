import { expect, test, vi } from 'vitest';
import { EngineError } from '../errors.ts';
import type { EngineErrorCode } from '../errors.ts';
import type { JournalInbox, Posted } from '../journal/inbox.ts';
import { Deliveries } from './deliveries.ts';
import type { RunMessage } from './message.ts';
import type { ActiveRun } from './active-run.ts';
import type { Told } from './tell.ts';

const cancel = (id: string): RunMessage => ({ type: 'cancel', id, reason: 'no more' });
const signal = (id: string): RunMessage => ({ type: 'signal', id, name: 'reply', payload: 1 });

/** An inbox with these messages for run `a`, and a run that does this with each. */
function world(messages: readonly RunMessage[], deliver: (message: RunMessage) => Promise<'taken'>) {
  let waiting: Posted[] = messages.map((message) => ({ runId: 'a', id: message.id, message }));
  const told: Told[] = [];
  const inbox: JournalInbox = {
    post: async () => 'posted',
    collect: vi.fn(async () => waiting),
    settle: async (_, ids) => void (waiting = waiting.filter(({ id }) => !ids.includes(id))),
    watch: () => () => {},
  };
  const run = { deliver, tell: (event: Told) => void told.push(event) } as Partial<ActiveRun> as ActiveRun;
  const deliveries = new Deliveries(inbox, (runId) => (runId === 'a' ? run : undefined));
  return { inbox, deliveries, told, left: () => waiting.map(({ id }) => id) };
}

const failing = (code: EngineErrorCode) => () => Promise.reject(new EngineError(code, 'no'));

test('what a run takes is settled, in the order in which it was said', async () => {
  const taken: string[] = [];
  const { deliveries, left } = world([signal('m1'), signal('m2')], async ({ id }) => {
    taken.push(id);
    return 'taken';
  });
  await deliveries.deliver();
  expect(taken).toEqual(['m1', 'm2']);
  expect(left()).toEqual([]);
});

test.each(['SIGNAL_INVALID', 'NOT_WAITING', 'RUN_ENDED'] as const)(
  'what a run refuses with %s is told and settled',
  async (code) => {
    const { deliveries, left, told } = world([signal('m1')], failing(code));
    await deliveries.deliver();
    expect(told).toEqual([{ type: 'message-refused', id: 'm1', failure: { code, message: 'no' } }]);
    expect(left()).toEqual([]);
  },
);

test.each(['ENGINE_CLOSED', 'JOURNAL_FAILED', 'MAILBOX_FULL', 'FENCED'] as const)(
  'what a run could not take for %s waits for its next owner, or for later',
  async (code) => {
    const { deliveries, left, told } = world([signal('m1')], failing(code));
    await deliveries.deliver();
    expect(told).toEqual([]);
    expect(left()).toEqual(['m1']);
  },
);

test('a cancel that comes too late is settled without a word', async () => {
  const { deliveries, left, told } = world([cancel('m1')], failing('RUN_ENDED'));
  await deliveries.deliver();
  expect(told).toEqual([]);
  expect(left()).toEqual([]);
});

test('a message that is not what was posted is told and settled', async () => {
  const { inbox, deliveries, told } = world([], async () => 'taken');
  let settled: readonly string[] = [];
  inbox.collect = async () =>
    settled.length > 0 ? [] : [{ runId: 'a', id: 'm1', problem: 'It is not what was posted.' }];
  inbox.settle = async (_, ids) => void (settled = ids);
  await deliveries.deliver();
  expect(told).toMatchObject([{ type: 'message-refused', id: 'm1', failure: { code: 'JOURNAL_DAMAGED' } }]);
  expect(settled).toEqual(['m1']);
});

test('what comes while it delivers is delivered next, never twice at a time', async () => {
  const gate = Promise.withResolvers<void>();
  let atWork = 0;
  const { inbox, deliveries } = world([signal('m1')], async () => {
    expect(++atWork).toBe(1);
    await gate.promise;
    atWork--;
    return 'taken';
  });
  const first = deliveries.deliver();
  await deliveries.deliver();
  expect(inbox.collect).toHaveBeenCalledTimes(1);
  gate.resolve();
  await first;
  expect(inbox.collect).toHaveBeenCalledTimes(2);
});

test('an inbox that cannot be read is tried again at the next look', async () => {
  const { inbox, deliveries, left } = world([signal('m1')], async () => 'taken');
  const { collect } = inbox;
  inbox.collect = () => Promise.reject(new EngineError('JOURNAL_FAILED', 'no'));
  await deliveries.deliver();
  inbox.collect = collect;
  await deliveries.deliver();
  expect(left()).toEqual([]);
});
