import { describe, expect, test } from 'vitest';
import { FAULTS } from '../faults.ts';
import { FAULT_CATALOGUE } from './catalogue.ts';
import { parseFault } from './parse-fault.ts';
import { validateScenario } from './validate-scenario.ts';
import type { CatalogueNumber } from './catalogue.ts';

describe('parseFault', () => {
  test.each([
    ['stall', { fault: 'stall' }],
    [' cut ; afterTokens=40 ', { fault: 'cut', afterTokens: 40 }],
    ['cut:afterTokens=40,times=1', { fault: 'cut', afterTokens: 40, times: 1 }],
    ['held-open;endMarker=false', { fault: 'held-open', endMarker: false }],
    ['stall:pingEveryMs=0.5,pingWith=byte', { fault: 'stall', pingEveryMs: 0.5, pingWith: 'byte' }],
    ['brownout;probability=0.25', { fault: 'brownout', probability: 0.25 }],
    ['S01', { fault: 'rate-limit', retryAfterMs: 2_000, times: 1 }],
    ['S01;times=2', { fault: 'rate-limit', retryAfterMs: 2_000, times: 2 }],
  ])('%j', (spec, rule) => expect(parseFault(spec)).toEqual(rule));

  test.each([
    ['', /fault\.fault: expected one of stall, .*; got ""/],
    ['S17', /fault\.fault: expected one of .*; got "S17"/],
    ['constructor', /fault\.fault: expected one of/],
    ['cut;afterTokens', /fault: expected settings such as afterTokens=40, got "afterTokens"/],
    ['cut;afterTokens=many', /fault\.afterTokens: expected a whole number, 0 or more, got "many"/],
    ['cut;afterTokens=-1', /fault\.afterTokens/],
    ['cut;retryAfterMs=5', /fault\.retryAfterMs: "cut" does not read it; it reads afterTokens/],
    ['stall;pingWith=noise', /fault\.pingWith: expected one of ping, comment/],
    ['cut;rows=3', /fault\.rows: expected \[from, to\]/],
    ['cut;__proto__=3', /fault: expected settings/],
    [`cut;${'x'.repeat(300)}`, /fault: expected at most 300 characters/],
  ])('%j is refused with the mend', (spec, message) => expect(() => parseFault(spec)).toThrow(message));

  test('takes every fault by its bare name', () => {
    for (const name of Object.keys(FAULTS)) expect(parseFault(name)).toEqual({ fault: name });
  });
});

test('the catalogue has sixteen faults, S01 to S16, and each fits a scenario', () => {
  const numbers = Object.keys(FAULT_CATALOGUE) as CatalogueNumber[];
  expect(numbers).toEqual(Array.from({ length: 16 }, (_, at) => `S${String(at + 1).padStart(2, '0')}`));
  for (const number of numbers) {
    const { primary, doc } = FAULT_CATALOGUE[number];
    expect(parseFault(number)).toEqual(primary);
    expect(doc).not.toBe('');
    validateScenario({ providers: { primary: { wire: 'openai', faults: [primary] } } });
  }
});
