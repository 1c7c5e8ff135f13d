import { Option } from 'commander';
import type { Command } from 'commander';
import type { RunStatus } from 'paceline';
import type { Io } from '../../io.ts';
import { listRuns } from '../../runs/list.ts';
import { wholeNumber } from '../options.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly status?: RunStatus | 'damaged';
  readonly workflow?: string;
  readonly all?: boolean;
  readonly limit: number;
}

const STATUSES = [
  'running',
  'succeeded',
  'degraded',
  'failed',
  'cancelled',
  'damaged',
] as const satisfies readonly (RunStatus | 'damaged')[];

const HELP = `
A run that is \`running\` is worked on by a process, or was left by one: \`paceline resume\` goes on with those. One that is
\`damaged\` is no longer what was written; it is kept aside until the file is restored from a copy.

Examples:
  $ paceline runs list --journal runs.db
  $ paceline runs list --journal runs.db --status failed --workflow support --limit 100 --json`;

/** Adds `paceline runs list`. */
export function addListCommand(runs: Command, io: Io): void {
  withCommonOptions(runs.command('list'))
    .description('Lists runs, the latest first.')
    .addOption(new Option('--status <status>', 'only those').choices(STATUSES))
    .option('--workflow <id>', 'only those of one workflow')
    .option('--all', 'child runs too, which a step of another run started')
    .option('--limit <n>', 'the latest n', wholeNumber(1), 20)
    .addHelpText('after', HELP)
    .action(async ({ status, workflow, all = false, limit, ...flags }: Flags) => {
      const filter = {
        ...(status !== undefined && { status }),
        ...(workflow !== undefined && { workflowId: workflow }),
      };
      await onJournal(flags, io, (journal) =>
        listRuns(journal, { ...filter, all, limit, json: flags.json === true }, io),
      );
    });
}
