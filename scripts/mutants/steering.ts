import type { Mutant } from '../lib/mutant.ts';

const ENGINE = 'packages/engine/src';
const CLI = 'packages/cli/src';
const STEER = [`${ENGINE}/run/steer.test.ts`];
const DELIVERIES = [`${ENGINE}/run/deliveries.test.ts`];
const FOLLOW = [`${ENGINE}/run/follow.test.ts`];
const INBOX = [`${ENGINE}/journal/sqlite/inbox.test.ts`];
const STORES = [`${ENGINE}/journal/sqlite/sqlite-journal.test.ts`];
const MEMORY = [`${ENGINE}/journal/memory-store.test.ts`];

export const STEERING_MUTANTS: readonly Mutant[] = [
  {
    name: 'steering/settles-what-may-still-be-taken',
    rule: 'A message that this owner could not take waits for the next one.',
    file: `${ENGINE}/run/deliveries.ts`,
    find: 'if (!isEngineError(error) || mayStillBeTaken(error)) return false;',
    replace: 'if (!isEngineError(error)) return false;',
    tests: DELIVERIES,
  },
  {
    name: 'steering/hides-refusals',
    rule: 'A message that a run refuses is told.',
    file: `${ENGINE}/run/deliveries.ts`,
    find: "    run.tell({ type: 'message-refused', id, failure: { code: error.code, message: error.message } });\n",
    replace: '',
    tests: STEER,
  },
  {
    name: 'steering/never-looks',
    rule: 'What another process says is taken within 250 ms.',
    file: `${ENGINE}/journal/sqlite/inbox.ts`,
    find: 'if (this.mayHaveNew()) onPost();',
    replace: '',
    tests: STEER,
  },
  {
    name: 'steering/reads-a-quiet-file',
    rule: 'A file that nobody wrote to is not searched.',
    file: `${ENGINE}/journal/sqlite/inbox.ts`,
    find: 'if (this.mayHaveNew()) onPost();',
    replace: 'onPost();',
    tests: INBOX,
  },
  {
    name: 'steering/believes-damaged-messages',
    rule: 'A message that is not what was posted is not delivered.',
    file: `${ENGINE}/journal/sqlite/inbox.ts`,
    find: 'if (sealOf(runId, id, text) !== seal) {',
    replace: 'if (false) {',
    tests: INBOX,
  },
  {
    name: 'steering/misses-lost-messages',
    rule: 'A message that SQLite drops from the end of its log is missed.',
    file: `${ENGINE}/journal/sqlite/inbox.ts`,
    find: '    this.options.note({ run: INBOX, seq: Number(lastInsertRowid), chain: seal });\n',
    replace: '',
    tests: INBOX,
  },
  {
    name: 'steering/takes-an-id-again',
    rule: 'A message that the run has heard is not taken again.',
    file: `${ENGINE}/journal/sqlite/inbox.ts`,
    find: 'if (hasHeard(record, id) || ',
    replace: 'if (',
    tests: STORES,
  },
  {
    name: 'steering/inbox-without-bound',
    rule: 'At most 1,000 messages wait for a run.',
    file: `${ENGINE}/journal/sqlite/inbox.ts`,
    find: 'if (count >= MAX_MESSAGES)',
    replace: 'if (count > MAX_MESSAGES)',
    tests: STORES,
  },
  {
    name: 'steering/keeps-messages-of-ended-runs',
    rule: 'What a run has not taken by its end is dropped with it.',
    file: `${ENGINE}/journal/memory-store.ts`,
    find: '    this.inbox.forget(runId);\n',
    replace: '',
    tests: MEMORY,
  },
  {
    name: 'steering/owner-numbers-come-back',
    rule: 'An owner is not taken for one that is gone.',
    file: `${ENGINE}/journal/sqlite/schema.ts`,
    find: 'owner INTEGER PRIMARY KEY AUTOINCREMENT,',
    replace: 'owner INTEGER PRIMARY KEY,',
    tests: INBOX,
  },
  {
    name: 'steering/begins-what-was-cancelled',
    rule: 'A run that was cancelled while nobody worked on it begins nothing any more.',
    file: `${ENGINE}/run/deliveries.ts`,
    find: "posted.message.type === 'cancel') return posted.message.reason;",
    replace: "posted.message.type === 'cancel') continue;",
    tests: STEER,
  },
  {
    name: 'steering/watches-for-nobody',
    rule: 'An engine without runs keeps no timer.',
    file: `${ENGINE}/run/active-runs.ts`,
    find: 'if (this.active.size === 0) this.deliveries.end();',
    replace: '',
    tests: STEER,
  },
  {
    name: 'steering/followers-are-not-woken',
    rule: 'Whoever follows a run of this process hears of each entry at once.',
    file: `${ENGINE}/run/driver.ts`,
    find: '    recorded(after.runId);\n',
    replace: '',
    tests: FOLLOW,
  },
  {
    name: 'steering/followers-cannot-stop',
    rule: 'A reader that stops while it waits is let go.',
    file: `${ENGINE}/run/follow.ts`,
    find: '          stop.abort();\n',
    replace: '',
    tests: FOLLOW,
  },
  {
    name: 'steering/knows-no-run-before-its-record',
    rule: 'A run can be followed from the moment in which it was asked for.',
    file: `${ENGINE}/run/follow.ts`,
    find: 'if (record === undefined && here?.find(runId) !== undefined) return false;',
    replace: '',
    tests: FOLLOW,
  },
  {
    name: 'steering/takes-the-first-that-begins-so',
    rule: 'The beginning of an id names a run only if no other begins so.',
    file: `${CLI}/find-run.ts`,
    find: 'only !== undefined && others.length === 0',
    replace: 'only !== undefined && others.length >= 0',
    tests: [`${CLI}/runs/tell.test.ts`],
  },
  {
    name: 'steering/sigterm-cancels',
    rule: 'SIGTERM leaves recorded runs to the next process.',
    file: `${CLI}/interrupt.ts`,
    find: "const end = resumable && first === 'terminate' ? leave : cancel;",
    replace: 'const end = cancel;',
    tests: [`${CLI}/interrupt.test.ts`],
  },
];
