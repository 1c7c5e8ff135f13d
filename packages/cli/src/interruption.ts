/** Why a command is to end before its time: Ctrl-C, or SIGTERM, as a supervisor sends it. */
export type Interruption = 'interrupt' | 'terminate';
