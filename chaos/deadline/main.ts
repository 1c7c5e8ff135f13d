import { seededCommand } from '../seeded-command.ts';
import { reportText, shortfalls, socketFigures, virtualFigures } from './report.ts';
import { socketCalls } from './sockets.ts';
import { virtualCalls } from './virtual.ts';

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
export const deadline = seededCommand({ usage: USAGE, measure, shortfalls, text: reportText });

async function measure(seed: number, quick: boolean) {
  const calls = quick ? CALLS.quick : CALLS.virtual;
  const progress = (made: number) => void process.stderr.write(`virtual: ${made} of ${calls} calls\n`);
  const virtual = virtualFigures(await virtualCalls({ calls, seed, progress }));
  const sockets = quick ? null : socketFigures(await socketCalls({ calls: CALLS.sockets, seed }));
  return { virtual, sockets };
}
