import { parseArgs } from 'node:util';
import { faults as wire } from '../faults/main.ts';
import { fetchFaults as fetch } from '../fetch/main.ts';
import { journal } from '../journal/main.ts';
import type { ChaosCommand } from '../command.ts';

/** Each stands by itself as well; `--quick`, `--json` and, where it is drawn, `--seed` are theirs too. */
const PARTS = { wire, journal, fetch } as const;
type Part = keyof typeof PARTS;

const TITLES: Readonly<Record<Part, string>> = {
  wire: 'Wire: what providers do to a call',
  journal: 'Journal: what disks, clocks and other processes do to durable runs',
  fetch: 'Fetch: what each request and each journal operation can do to a chain of models',
};

const USAGE = `Usage: pnpm chaos faults [--only <wire|journal|fetch>[,...]] [--seed N] [--quick] [--json]

All faults, one report: the sixteen provider faults, cuts and stalls (pnpm faults); a failing, mutated, full or contended journal, stopped
owners and clock jumps (pnpm chaos journal); each request and each journal operation of a chain of models (pnpm chaos fetch).

  --only   these parts (default: all, about four minutes)
  --seed   of the mutations (default 1)
  --quick  the short form of each part
  --json   one line of JSON instead of the reports

Exits 1 when a part falls short, 2 on wrong usage.`;

/** `pnpm chaos faults`. */
export const allFaults: ChaosCommand = async (args, print) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: Object.keys(PARTS).join() },
      seed: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const parts = values.only.split(',');
  if (values.help || !parts.every(isPart) || !Number.isInteger(Number(values.seed))) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const flags = [...(values.quick ? ['--quick'] : []), ...(values.json ? ['--json'] : [])];
  const reports: Record<string, unknown> = {};
  let ok = true;
  for (const part of parts) {
    const seed = part === 'journal' ? ['--seed', values.seed] : [];
    const lines: string[] = [];
    const code = await PARTS[part]([...flags, ...seed], (line) => lines.push(line));
    ok &&= code === 0;
    if (values.json) reports[part] = JSON.parse(lines.join('\n'));
    else print([TITLES[part], '', ...lines, ''].join('\n'));
  }
  print(values.json ? JSON.stringify({ ok, ...reports }) : ok ? 'All parts held.' : 'A part FELL SHORT.');
  return ok ? 0 : 1;
};

const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);
