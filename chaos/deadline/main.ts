import { parseArgs } from 'node:util';
import { reportText, shortfalls, socketFigures, virtualFigures } from './report.ts';
import { socketCalls } from './sockets.ts';
import { virtualCalls } from './virtual.ts';
import type { ChaosCommand } from '../command.ts';

const CALLS = { virtual: 10_000, quick: 1_000, sockets: 2_000 } as const;

const USAGE = `Usage: pnpm chaos deadline [--seed N] [--quick] [--json]

Lets ${CALLS.virtual} calls with random deadlines meet random stalls and faults under the virtual clock, some of them left or
cancelled by their caller; then ${CALLS.sockets} over loopback sockets, 200 at once. Nobody may settle after his deadline, and nothing
may be left behind: no timer, no upstream request, no abort listener.

  --seed   of deadlines, manners and hazards (default 1)
  --quick  ${CALLS.quick} calls, no sockets
  --json   one line of JSON instead of the report

Progress goes to standard error. Exits 1 when something falls short, 2 on wrong usage.`;

/** `pnpm chaos deadline`. */
export const deadline: ChaosCommand = async (args, print) => {
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
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const calls = values.quick ? CALLS.quick : CALLS.virtual;
  const progress = (made: number) => void process.stderr.write(`virtual: ${made} of ${calls} calls\n`);
  const virtual = virtualFigures(await virtualCalls({ calls, seed, progress }));
  const sockets = values.quick ? null : socketFigures(await socketCalls({ calls: CALLS.sockets, seed }));
  const report = { virtual, sockets };
  const ok = shortfalls(report).length === 0;
  print(values.json ? JSON.stringify({ ok, ...report }) : reportText(report));
  return ok ? 0 : 1;
};
