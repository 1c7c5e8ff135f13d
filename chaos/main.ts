import { allFaults } from './all-faults/main.ts';
import { brownout } from './brownout/main.ts';
import { canary } from './canary/main.ts';
import { deadline } from './deadline/main.ts';
import { faults as wire } from './faults/main.ts';
import { fetchFaults } from './fetch/main.ts';
import { journal } from './journal/main.ts';
import { kill } from './kill/main.ts';
import { isolation } from './isolation/main.ts';
import { overload } from './overload/main.ts';
import { simulate } from './simulate/main.ts';
import type { ChaosCommand } from './command.ts';

const COMMANDS: Readonly<Record<string, ChaosCommand>> = {
  faults: allFaults,
  wire,
  brownout,
  deadline,
  overload,
  isolation,
  kill,
  journal,
  fetch: fetchFaults,
  simulate,
  canary,
};

const USAGE = `Usage: pnpm chaos <${Object.keys(COMMANDS).join(' | ')}> [--help]`;

/** Returns the process's exit code. */
async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    console.log(USAGE);
    return name === '--help' ? 0 : 2;
  }
  try {
    return await command(args, console.log);
  } catch (error) {
    // What parseArgs throws; everything else is a fault of ours.
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    console.error(error.message);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
