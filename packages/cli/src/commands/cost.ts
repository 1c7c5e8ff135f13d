import { isSpendDimension, SPEND_DIMENSIONS } from '@paceline/gateway';
import type { SpendDimension, SpendQuery } from '@paceline/gateway';
import { parseEpochMs } from '@paceline/resilience';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { pruneSpend } from '../cost/prune.ts';
import { reportCost } from '../cost/report.ts';
import { parseDuration } from '../duration.ts';
import type { Io } from '../io.ts';
import { withJournal } from '../journal-file.ts';
import { duration } from './options.ts';

/** As commander hands them over. */
interface Flags {
  readonly journal: string;
  readonly since?: Moment;
  readonly until?: Moment;
  readonly by: readonly SpendDimension[];
  readonly where?: NonNullable<SpendQuery['where']>;
  readonly json?: boolean;
  readonly csv?: boolean;
}

interface PruneFlags {
  readonly journal: string;
  readonly endedBefore: number;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Wall time, or how long ago; in milliseconds. */
type Moment = { readonly epochMs: number } | { readonly agoMs: number };

const JOURNAL = 'runs.db';

const HELP = `
Dimensions: ${SPEND_DIMENSIONS.join(', ')}, and a label by its key: label:team.
Two or more, with commas or by repeating --by, give a row for each combination. The dearest come first.

Every attempt counts, also one that failed, was hedged or was cut off; a call counts where its first attempt was made. The last
lines tell what is estimated, and what has no known price and so is not in the sum: it is never taken for 0. docs/spend.md tells more.

A moment is an age (12h, 7d), a day (2026-11-01) or a time (2026-11-01T08:00:00Z), in UTC.

With --json: {"by", "sinceEpochMs", "untilEpochMs", "where", "rows", "total"}, amounts in US dollars. With --csv: a header and a line
for each row, as RFC 4180 has them; text that a spreadsheet would take for a formula begins with an apostrophe.

Exit code: 0 done, 2 there is no such file.

Examples:
  $ paceline cost --since 7d --by provider
  $ paceline cost --since 30d --by label:team,model --journal runs.db
  $ paceline cost --by step --where workflow=support --where label:team=cx
  $ paceline cost --since 2026-11-01 --until 2026-12-01 --by tenant --csv > november.csv
  $ paceline cost prune --ended-before 400d --yes`;

const PRUNE_HELP = `
What attempts cost is kept when the runs they were made for are forgotten, and for as long as this command is not given. Without
--yes it only says how many they are. What counts on caps stays.

With --json: {"attempts", "endedBefore", "forgotten"}.

Exit code: 0 done, 2 there is no such file.

Examples:
  $ paceline cost prune --ended-before 400d
  $ paceline cost prune --ended-before 400d --yes`;

/** Adds `paceline cost`. */
export function addCostCommand(program: Command, io: Io): void {
  const cost = withJournalOption(program.command('cost'))
    .summary('see what was spent, on what and for whom')
    .description(
      'Tells what the attempts of a journal cost, by provider, model, role, step, workflow, tenant or label.',
    )
    .option('--since <moment>', 'attempts that ended then or later', moment)
    .option('--until <moment>', 'attempts that ended before', moment)
    .addOption(
      new Option('--by <dimensions>', 'what to tell apart; repeatable')
        .argParser(dimensions)
        .default([], 'the total'),
    )
    .option(
      '--where <dimension=value>',
      'only those; an empty value: those without one; repeatable',
      condition,
    )
    .option('--json', 'print one line of JSON')
    .addOption(new Option('--csv', 'print a table for spreadsheets').conflicts('json'))
    .addHelpText('after', HELP)
    .action(async ({ journal: file, by, where, json, csv, ...flags }: Flags) => {
      const format = json === true ? 'json' : csv === true ? 'csv' : 'table';
      const options = {
        by,
        format,
        ...(where !== undefined && { where }),
        ...(flags.since !== undefined && { sinceEpochMs: epochMsOf(flags.since, io) }),
        ...(flags.until !== undefined && { untilEpochMs: epochMsOf(flags.until, io) }),
      } as const;
      await withJournal({ file, create: false }, io, (journal) => reportCost(journal, options, io));
    });
  withJournalOption(cost.command('prune'))
    .description('Forgets what attempts cost that ended long ago.')
    .requiredOption('--ended-before <age>', 'how long ago they ended at least: 90d, 400d', duration)
    .option('--yes', 'forget them')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', PRUNE_HELP)
    .action(async (_: unknown, command: Command) => {
      // Both have a --journal and a --json, and what stands before `prune` is taken for that of `cost`.
      const {
        journal: file,
        endedBefore: ageMs,
        yes = false,
        json = false,
      } = command.optsWithGlobals<PruneFlags>();
      await withJournal({ file, create: false }, io, (journal) =>
        pruneSpend(journal, { ageMs, forget: yes, json }, io),
      );
    });
}

function withJournalOption(command: Command): Command {
  return command.option('--journal <file>', 'SQLite file that the runs were recorded in', JOURNAL);
}

function epochMsOf(when: Moment, { clock }: Io): number {
  return 'epochMs' in when ? when.epochMs : clock.epochMs() - when.agoMs;
}

function moment(text: string): Moment {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return { agoMs };
  const epochMs = ISO.test(text) ? parseEpochMs(text) : Number.NaN;
  if (Number.isFinite(epochMs)) return { epochMs };
  throw new InvalidArgumentError('Expected an age such as 12h or 7d, or a day such as 2026-11-01, in UTC.');
}

/** A day, or a time with its offset: without one it would be another moment on every machine. */
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** Collects dimensions over commas and repeated options. */
function dimensions(text: string, known: readonly SpendDimension[]): readonly SpendDimension[] {
  return [...new Set([...known, ...text.split(',').map(dimension)])];
}

function dimension(text: string): SpendDimension {
  if (isSpendDimension(text)) return text;
  throw new InvalidArgumentError(`Expected ${SPEND_DIMENSIONS.join(', ')} or label:<key>.`);
}

/** Collects `dimension=value` over repeated options. */
function condition(text: string, known?: Flags['where']): NonNullable<Flags['where']> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected dimension=value, such as provider=openai.');
  const value = text.slice(at + 1);
  return { ...known, [dimension(text.slice(0, at))]: value === '' ? null : value };
}
