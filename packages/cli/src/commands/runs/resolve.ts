import { Option } from 'commander';
import type { Command } from 'commander';
import type { Answer } from 'paceline';
import type { Io } from '../../io.ts';
import { answerRun } from '../../runs/answer.ts';
import { jsonValue } from '../options.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { Finish, RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly step?: string;
  readonly as: 'done' | 'failed';
  readonly output: string;
  readonly reason: string;
  readonly id?: string;
}

const HELP = `
For work that takes effect once and of which nobody knows whether it did (\`onUncertain: 'wait'\`): look at the other system, then say
what happened. As done, --output is what the step or the tool would have given. As failed, the step takes its error path, or the model is
told of the tool's failure. The run goes on in whichever process works on it, within 250 ms, or with \`paceline resume\`.

With --json: {"runId", "type", "id", "receipt", "status", "attended"}; receipt is taken, repeated, recorded or refused.

Exit code: 0 sent, 1 the run refused it (an output that does not fit, say), 2 there is no such file or run, it has ended, or it does not
wait for that.

Examples:
  $ paceline runs resolve run_1m83g448rb2nsezqap4 --step charge --as done --output '{"chargeId": "ch_1"}' --journal runs.db
  $ paceline runs resolve run_1m83g448rb2nsezqap4 --step charge --as failed --reason 'No such charge.' --journal runs.db`;

/** Adds `paceline runs resolve`. @param finish is given the exit code */
export function addResolveCommand(runs: Command, io: Io, finish: Finish): void {
  withCommonOptions(runs.command('resolve').argument('<run>', 'its id, or the beginning of it'))
    .description('Says what became of work of which nobody knows whether it took effect.')
    .option('--step <name>', 'where several steps wait')
    .addOption(new Option('--as <end>', 'what happened').choices(['done', 'failed']).makeOptionMandatory())
    .option('--output <json>', 'what it gave', 'null')
    .option('--reason <text>', 'why it failed', 'It did not take effect.')
    .option('--id <id>', 'makes it idempotent')
    .addHelpText('after', HELP)
    .action(async (run: string, flags: Flags) => {
      const { step, id } = flags;
      const to = step === undefined ? {} : { step };
      const options = { run, to, answer: answerOf(flags), id, json: flags.json === true };
      finish(await onJournal(flags, io, (journal) => answerRun(journal, options, io)));
    });
}

function answerOf({ as, output, reason }: Flags): Answer {
  return as === 'done'
    ? { type: 'done', output: jsonValue(output, 'What it gave') }
    : { type: 'failed', reason };
}
