/** One `pnpm chaos <name>`: takes the arguments after its name, prints lines, returns the process's exit code. */
export type ChaosCommand = (args: readonly string[], print: (text: string) => void) => Promise<number>;
