import type { Mutant } from '../lib/mutant.ts';

const SRC = 'packages/gateway/src';
const SPEND = `${SRC}/spend`;
const WIRE_TESTS = [`${SPEND}/caps.test.ts`];
const WORST_TESTS = [`${SPEND}/worst-case.test.ts`];

const FILE = 'packages/engine/src/journal/sqlite';
const FILE_TESTS = [`${FILE}/spend-caps.test.ts`];

export const CAPS_MUTANTS: readonly Mutant[] = [
  {
    name: 'caps/holds-nothing',
    rule: 'What attempts in flight hold counts against a cap.',
    file: `${SPEND}/cap-room.ts`,
    find: 'if (overAlone + held <= 0n) return null;',
    replace: 'if (overAlone <= 0n) return null;',
    tests: FILE_TESTS,
  },
  {
    name: 'caps/last-picodollar',
    rule: 'A cap has room up to its limit, and not beyond.',
    file: `${SPEND}/cap-room.ts`,
    find: 'if (overAlone + held <= 0n) return null;',
    replace: 'if (overAlone + held <= 1n) return null;',
    tests: [`${SRC}/money.test.ts`],
  },
  {
    name: 'caps/half-a-window',
    rule: 'In a rolling window spend counts for all of it.',
    file: `${SPEND}/window.ts`,
    find: "return window.type === 'rolling' ? slotAt(window, epochMs - window.ms) : slotAt(window, epochMs);",
    replace: 'return slotAt(window, epochMs);',
    tests: FILE_TESTS,
  },
  {
    name: 'caps/leaves-its-window-early',
    rule: 'A slot counts until the last of it has left the window.',
    file: `${SPEND}/window.ts`,
    find: 'return slot + window.ms + widthOf(window);',
    replace: 'return slot + window.ms;',
    tests: FILE_TESTS,
  },
  {
    name: 'caps/forgets-what-is-held',
    rule: 'What ended is no longer held.',
    file: `${SPEND}/hold.ts`,
    find: 'own?.settle(costUsd ?? usd);',
    replace: 'own?.release();',
    tests: WIRE_TESTS,
  },
  {
    name: 'caps/leaks-where-a-budget-denies',
    rule: 'What was never sent is released.',
    file: `${SRC}/next-entry.ts`,
    find: 'hold.release();',
    replace: '',
    tests: WIRE_TESTS,
  },
  {
    name: 'caps/leaks-where-another-cap-refuses',
    rule: 'An attempt is held on all of its caps or on none.',
    file: `${SRC}/money.ts`,
    find: 'if (outer?.ok === false) return outer;\n    const pico = picoOf(usd);\n    this.held += pico;',
    replace: 'const pico = picoOf(usd);\n    this.held += pico;\n    if (outer?.ok === false) return outer;',
    tests: [`${SRC}/money.test.ts`],
  },
  {
    name: 'caps/unknown-price-for-nothing',
    rule: 'On a hard cap an unknown price is not 0.',
    file: `${SPEND}/hold.ts`,
    find: 'return target.price(ONE_TOKEN, clock.epochMs()).usd === null;',
    replace: 'return false;',
    tests: WIRE_TESTS,
  },
  {
    name: 'caps/no-limit-sent',
    rule: 'The output limit that was reckoned with is sent.',
    file: `${SRC}/job.ts`,
    find: 'if (outputTokens === null || options.maxOutputTokens !== undefined) return options;',
    replace: 'if (outputTokens !== undefined) return options;',
    tests: WIRE_TESTS,
  },
  {
    name: 'caps/four-bytes-a-token',
    rule: 'A prompt has no more tokens than bytes.',
    file: `${SPEND}/worst-case.ts`,
    find: 'return Buffer.byteLength(message.text);',
    replace: 'return Buffer.byteLength(message.text) / 4;',
    tests: WORST_TESTS,
  },
  {
    name: 'caps/nobody-writes-caches',
    rule: 'What is written to a provider’s cache costs more than what is not.',
    file: `${SPEND}/worst-case.ts`,
    find: 'const usages = [uncached, written, kept];',
    replace: 'const usages = [uncached, written, kept].slice(0, 1);',
    tests: WORST_TESTS,
  },
  {
    name: 'caps/soft-cap-unheard',
    rule: 'From a soft cap on, the cheapest target goes first.',
    file: `${SRC}/plan-call.ts`,
    find: "strategy: isSoftReached(errand, gate) ? 'soft-cap' : route.strategy,",
    replace: 'strategy: route.strategy,',
    tests: WIRE_TESTS,
  },
  {
    name: 'caps/the-dead-spend-nothing',
    rule: 'What a dead process held is booked as spent.',
    file: `${FILE}/spend-ledger.ts`,
    find: 'this.bookOverdue(request.attempt.atEpochMs);',
    replace: '',
    tests: FILE_TESTS,
  },
  {
    name: 'caps/free-holds-forgotten',
    rule: 'A counter on which something is in flight is not forgotten, even if that is held at nothing.',
    file: `${FILE}/spend-caps.ts`,
    find: "forgetCounters: db.prepare('DELETE FROM spend_counter WHERE holds = 0 AND kept_until_epoch_ms <= ?'),",
    replace:
      "forgetCounters: db.prepare('DELETE FROM spend_counter WHERE held = 0 AND kept_until_epoch_ms <= ?'),",
    tests: [`${FILE}/spend-caps.property.test.ts`],
  },
];
