import { parseArgs } from 'node:util';
import type { ChaosCommand } from './command.ts';

export interface SeededCommand<Report extends object> {
  readonly usage: string;
  readonly measure: (seed: number, quick: boolean) => Promise<Report>;
  /** What is not as it has to be; empty: the command passes. */
  readonly shortfalls: (report: Report) => readonly unknown[];
  readonly text: (report: Report) => string;
}

/** A command that takes a seed, has a short form, and prints its report as text or as one line of JSON. */
export function seededCommand<Report extends object>(command: SeededCommand<Report>): ChaosCommand {
  return async (args, print) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const seed = Number(values.seed);
    if (values.help || !Number.isInteger(seed)) {
      print(command.usage);
      return values.help ? 0 : 2;
    }
    const report = await command.measure(seed, values.quick);
    const shortfalls = command.shortfalls(report);
    const ok = shortfalls.length === 0;
    print(values.json ? JSON.stringify({ ok, shortfalls, ...report }) : command.text(report));
    return ok ? 0 : 1;
  };
}
