import { seededCommand } from '../seeded-command.ts';
import { figuresOf } from './figures.ts';
import { reportText, shortfalls } from './report.ts';
import { missed } from './targets.ts';
import { meetOverload, TRIGGERS } from './world.ts';
import type { OverloadReport, Row } from './report.ts';
import type { OverloadRun, Spans, TriggerName } from './world.ts';

const USAGE = `Usage: pnpm chaos overload [--seed N] [--quick] [--json]

A provider becomes slow for half a minute, or stands still, and then is well again, while the callers go on calling. With its
guards the gateway has to be back within 30 s; without them (policy.guards: false) the overload must outlive its cause, or
the test would prove nothing. Virtual time: about two minutes of yours.

  --seed   of the arrivals, the latencies and all that is drawn (default 1)
  --quick  one load and shorter phases, half a minute
  --json   one line of JSON instead of the report

Progress goes to standard error. Exits 1 when a target is missed, 2 on wrong usage.`;

/** Shares of the provider's capacity. */
const LOADS = { all: [0.6, 0.85, 0.9], quick: [0.85] } as const;

const SPANS = {
  all: { calmMs: 30_000, afterMs: 90_000 },
  quick: { calmMs: 15_000, afterMs: 45_000 },
} as const satisfies Record<string, Spans>;

/** `pnpm chaos overload`. */
export const overload = seededCommand<OverloadReport>({
  usage: USAGE,
  measure,
  shortfalls,
  text: reportText,
});

async function measure(seed: number, quick: boolean): Promise<OverloadReport> {
  const size = quick ? 'quick' : 'all';
  const rows: Row[] = [];
  for (const trigger of Object.keys(TRIGGERS) as TriggerName[]) {
    for (const load of LOADS[size]) {
      for (const guards of [true, false])
        rows.push(await rowOf(trigger, { load, guards, seed, spans: SPANS[size] }));
    }
  }
  return { seed, rows };
}

async function rowOf(trigger: TriggerName, run: Omit<OverloadRun, 'trigger'>): Promise<Row> {
  const { load, guards } = run;
  process.stderr.write(`${trigger}, load ${load}, guards ${guards ? 'on' : 'off'} ...\n`);
  const figures = figuresOf(await meetOverload({ ...run, trigger: TRIGGERS[trigger] }));
  return { trigger, load, guards, figures, missed: missed(figures, guards) };
}
