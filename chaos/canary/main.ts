import { seededCommand } from '../seeded-command.ts';
import { CLI_CASES } from './cli/command.ts';
import { reportText, shortfalls } from './report.ts';
import { scan } from './scan.ts';
import { FORMS } from './secret.ts';
import type { CanaryReport } from './report.ts';

const USAGE = `Usage: pnpm chaos canary [--quick] [--seed N] [--json]

Known secrets (a key, a header's token, one that the config names, one of the engine) are put into every path into Paceline, one at a time and
in every form: plain, as JSON and URLs escape them, in base64 at each place. Then every byte that came out is searched for any of them: logs with
full payloads, the journal's files, errors with stacks and causes, events, outcomes, and what the \`paceline\` command prints and writes.

  --quick  three forms of one secret
  --seed   what the secrets are (default 1)
  --json   one line of JSON instead of the report

Exits 1 when a secret came out or nothing was scanned, 2 on wrong usage.`;

/** `pnpm chaos canary`. */
export const canary = seededCommand<CanaryReport>({ usage: USAGE, measure, shortfalls, text: reportText });

const QUICK_FORMS = ['plain', 'json', 'in base64 from byte 1'];

function measure(seed: number, quick: boolean): Promise<CanaryReport> {
  return quick
    ? scan({ seed, forms: QUICK_FORMS, secrets: ['ofEngine'], cliCases: CLI_CASES })
    : scan({
        seed,
        forms: Object.keys(FORMS),
        secrets: ['key', 'header', 'named', 'ofEngine'],
        cliCases: CLI_CASES,
      });
}
