import type { Command } from 'commander';
import type { Answer } from 'paceline';
import type { Io } from '../../io.ts';
import { answerRun } from '../../runs/answer.ts';
import { onJournal, withCommonOptions } from './common.ts';
import type { Finish, RunsFlags } from './common.ts';

interface Flags extends RunsFlags {
  readonly step?: string;
  readonly toolCall?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly id?: string;
}

const HELP = `
\`paceline runs show\` shows the call and its arguments. The answer is for the call that waits when the command begins, and for no
later one; it reaches the run in whichever process works on it, within 250 ms, or with \`paceline resume\`.

With --json: {"runId", "type", "id", "receipt", "status", "attended"}; receipt is taken, repeated, recorded or refused.

Exit code: 0 sent, 1 the run refused it, 2 there is no such file or run, it has ended, or it does not wait for that.

Examples:
  $ paceline runs approve run_1m83g448rb2nsezqap4 --journal runs.db --by ann
  $ paceline runs reject run_1m83g448rb2nsezqap4 --journal runs.db --reason 'Above what we pay back.'`;

/** Adds `paceline runs approve` and `paceline runs reject`. @param finish is given the exit code */
export function addApprovalCommands(runs: Command, io: Io, finish: Finish): void {
  const answering = (command: Command, answerOf: (flags: Flags) => Answer): void => {
    command
      .option('--step <name>', 'where several steps wait')
      .option('--tool-call <id>', 'the call that was looked at')
      .option('--by <who>', 'recorded with the answer')
      .option('--id <id>', 'makes it idempotent')
      .addHelpText('after', HELP)
      .action(async (run: string, flags: Flags) => {
        const { step, toolCall, id } = flags;
        const to = {
          ...(step !== undefined && { step }),
          ...(toolCall !== undefined && { toolCallId: toolCall }),
        };
        const options = { run, to, answer: answerOf(flags), id, json: flags.json === true };
        finish(await onJournal(flags, io, (journal) => answerRun(journal, options, io)));
      });
  };
  answering(
    withCommonOptions(
      runs.command('approve').argument('<run>', 'its id, or the beginning of it'),
    ).description('Allows the tool call that a run wants to make.'),
    ({ by }) => ({ type: 'approve', ...(by !== undefined && { by }) }),
  );
  answering(
    withCommonOptions(runs.command('reject').argument('<run>', 'its id, or the beginning of it'))
      .description('Refuses the tool call that a run wants to make; the model is told why and goes on.')
      .option('--reason <text>', 'shown to the model'),
    ({ by, reason }) => ({
      type: 'reject',
      ...(by !== undefined && { by }),
      ...(reason !== undefined && { reason }),
    }),
  );
}
