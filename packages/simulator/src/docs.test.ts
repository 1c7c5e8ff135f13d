import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAULTS } from './faults.ts';
import { FAULT_CATALOGUE } from './scenario/catalogue.ts';
import { parseFault } from './scenario/parse-fault.ts';
import { validateScenario } from './scenario/validate-scenario.ts';
import type { Fault } from './faults.ts';
import type { CatalogueFault } from './scenario/catalogue.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/simulator.md'), 'utf8');

/** The rows of the table under this head, their cells trimmed. */
function tableOf(head: string): readonly (readonly string[])[] {
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const from = rows.findIndex((cells) => cells.slice(1, -1).join(' | ') === head);
  const to = rows.findIndex((cells, at) => at > from && cells.length < 3);
  return rows.slice(from + 2, to).map((cells) => cells.slice(1, -1));
}

test('every fault and every scenario on the page is one', () => {
  const asked = [...page.matchAll(/--fault ([^\s`]+)|x-paceline-fault: ([^\s'`]+)|gpt-5-mini\+([^\s`]+)/g)];
  expect(asked.length).toBeGreaterThan(6);
  for (const [, ...specs] of asked) parseFault(specs.find((spec) => spec !== undefined) ?? '');
  const [, scenario = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  validateScenario(JSON.parse(scenario));
});

test('the page explains every field of a provider, in the order of the check', () => {
  const explained = tableOf('field of a provider | meaning | default').map(([name = '']) =>
    name.replaceAll('`', ''),
  );
  const wrong = { providers: { openai: { none: true } } };
  expect(() => validateScenario(wrong)).toThrow(`there are ${explained.join(', ')}`);
});

const code = (text: string): string => `\`${text}\``;

test('the page lists every fault with its line and its settings', () => {
  const expected = Object.entries<Fault>(FAULTS).map(([name, { doc, parameters }]) => [
    code(name),
    doc,
    parameters.map(code).join(', ') || '-',
  ]);
  expect(tableOf('fault | what it does | settings')).toEqual(expected);
});

test('the page explains every setting that a fault reads, and no other', () => {
  const read = new Set(Object.values<Fault>(FAULTS).flatMap(({ parameters }) => parameters.map(code)));
  const explained = tableOf('setting | meaning | default').map(([name]) => name);
  expect(explained.toSorted()).toEqual([...read].toSorted());
});

test('the page writes every fault of the catalogue out as it is', () => {
  const rows = tableOf('number | what happens | written out');
  expect(rows.map(([number]) => number)).toEqual(Object.keys(FAULT_CATALOGUE));
  for (const [number = '', doc, spec = ''] of rows) {
    const { primary, ...fault } = FAULT_CATALOGUE[number as keyof typeof FAULT_CATALOGUE] as CatalogueFault;
    expect(doc).toBe(fault.doc);
    expect(parseFault(spec.replaceAll('`', ''))).toEqual(primary);
  }
});
