import { seededCommand } from '../seeded-command.ts';
import { figuresOf } from './figures.ts';
import { reportText, shortfalls } from './report.ts';
import { missed } from './targets.ts';
import { CASES, meetFlood } from './world.ts';
import type { IsolationReport, Row } from './report.ts';
import type { CaseName, IsolationRun, Spans } from './world.ts';

const USAGE = `Usage: pnpm chaos isolation [--seed N] [--quick] [--json]

One of five tenants floods the gateway, with a key that always fails or with prompts of two megabytes, while the others call as
always. Their answers must not become fewer, nor slower by more than a tenth. Without guards (policy.guards: false) they must
suffer, or the test would prove nothing. Virtual time: about two minutes of yours.

  --seed   of the arrivals, the latencies and all that is drawn (default 1)
  --quick  shorter phases
  --json   one line of JSON instead of the report

Progress goes to standard error. Exits 1 when a target is missed, 2 on wrong usage.`;

const SPANS = {
  all: { calmMs: 15_000, floodMs: 30_000 },
  quick: { calmMs: 5_000, floodMs: 8_000 },
} as const satisfies Record<string, Spans>;

/** Where the others have to suffer once there are no guards. */
const CONTROLS: readonly CaseName[] = ['shared'];

/** `pnpm chaos isolation`. */
export const isolation = seededCommand<IsolationReport>({
  usage: USAGE,
  measure,
  shortfalls,
  text: reportText,
});

async function measure(seed: number, quick: boolean): Promise<IsolationReport> {
  const common = { seed, spans: SPANS[quick ? 'quick' : 'all'] };
  const rows: Row[] = [];
  for (const name of Object.keys(CASES) as CaseName[]) {
    for (const guards of CONTROLS.includes(name) ? [true, false] : [true]) {
      process.stderr.write(`${name}, guards ${guards ? 'on' : 'off'} ...\n`);
      rows.push(await rowOf({ ...common, name, guards }));
    }
  }
  return { seed, rows };
}

async function rowOf(run: Omit<IsolationRun, 'flood'>): Promise<Row> {
  const { name, guards } = run;
  const calm = await meetFlood({ ...run, flood: false });
  const figures = figuresOf(await meetFlood({ ...run, flood: true }), calm);
  return { name, guards, figures, missed: missed(figures, run) };
}
