import { FAULT_CATALOGUE, isCatalogueNumber } from './catalogue.ts';
import { invalid } from './checks.ts';
import { checkFaultRule } from './validate-scenario.ts';
import type { FaultRule } from './scenario.ts';

/** Names and values are short; a longer text is no fault's. */
const LONGEST_SPEC = 300;

/**
 * Reads a fault written in one line: its name, or its number in the catalogue, and settings after it: `stall`,
 * `cut;afterTokens=40`, `S01`. A setting is one of the fault's own, or `times` or `probability`. Between the parts stands
 * `;`, `:` or `,`, whichever needs no quoting.
 * @throws SimulatorError `SCENARIO_INVALID`, naming what is wrong and the mend
 */
export function parseFault(spec: string): FaultRule {
  if (spec.length > LONGEST_SPEC) invalid('fault', `expected at most ${LONGEST_SPEC} characters`);
  const [name = '', ...settings] = spec.split(/[;:,]/).map((part) => part.trim());
  const rule = {
    ...(isCatalogueNumber(name) ? FAULT_CATALOGUE[name].primary : { fault: name }),
    ...Object.fromEntries(settings.map(settingOf)),
  };
  checkFaultRule(rule, 'fault');
  return rule as FaultRule;
}

function settingOf(text: string): readonly [name: string, value: string | number | boolean] {
  const [, name, value] = /^([a-zA-Z]+)\s*=\s*(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    return invalid('fault', `expected settings such as afterTokens=40, got "${text}"`);
  }
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, /^\d+(\.\d+)?$/.test(value) ? Number(value) : value];
}
