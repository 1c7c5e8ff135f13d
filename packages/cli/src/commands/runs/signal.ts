import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { tellRun } from '../../runs/tell.ts';
import { jsonValue } from '../options.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { Finish, RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly id?: string;
}

const HELP = `
The workflow declares its signals and what they carry. A state that waits for the signal takes it; otherwise it is kept until
one does. It reaches the run in whichever process works on it, within 250 ms; what is said to a run that nobody works on
waits for \`paceline resume\`.

Give --id where the command may be repeated, in a script say: a second signal with the same id is not taken again.

With --json: {"runId", "type", "id", "receipt", "status", "attended"}; receipt is taken, waiting, repeated, recorded or refused.

Exit code: 0 sent, 1 the run refused it, 2 there is no such file or run, or it has ended.

Examples:
  $ paceline runs signal run_1m83g448rb2nsezqap4 approve --journal runs.db
  $ paceline runs signal run_9mx4 approve '{"by": "ann"}' --journal runs.db --id ticket-4711`;

/** Adds `paceline runs signal`. @param finish is given the exit code */
export function addSignalCommand(runs: Command, io: Io, finish: Finish): void {
  const command = runs.command('signal').argument('<run>', 'its id, or the beginning of it');
  withCommonOptions(command.argument('<name>', 'of the signal').argument('[json]', 'what it carries', 'null'))
    .description('Tells a run something that its workflow waits for.')
    .option('--id <id>', 'makes it idempotent')
    .addHelpText('after', HELP)
    .action(async (...[run, name, json, flags]: [string, string, string, Flags]) => {
      const payload = jsonValue(json, 'What the signal carries');
      const { id } = flags;
      const options = { run, id, json: flags.json === true };
      const said = { type: 'signal', name, payload } as const;
      finish(await onJournal(flags, io, (journal) => tellRun(journal, { ...options, said }, io)));
    });
}
