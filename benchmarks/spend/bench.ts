import { join } from 'node:path';
import { sampleInChild } from '../harness/child.ts';
import { figure, spreadOf, spreadText, tableText, type Benchmark } from '../harness/report.ts';
import type { SpendSample } from './sample.ts';

const CALLS = 1_000_000;
const QUICK_CALLS = 20_000;

/** Of any report, in milliseconds. */
const MOST_REPORT_MS = 1_000;

/** How long a report of spend takes over a million calls in the journal's file, and what it costs to book them. */
export const benchSpend: Benchmark = async ({ rounds, quick, progress }) => {
  const samples: SpendSample[] = [];
  for (let round = 0; round < rounds; round++) {
    const args = [String(quick ? QUICK_CALLS : CALLS)];
    const sample = await sampleInChild<SpendSample>(join(import.meta.dirname, 'subject.ts'), args);
    samples.push(sample);
    const slowest = Math.max(...sample.reports.map(({ ms }) => ms));
    progress(
      `round ${round + 1}/${rounds}  ${figure(sample.calls)} calls, slowest report ${figure(slowest)} ms`,
    );
  }
  const names = samples[0]?.reports.map(({ name }) => name) ?? [];
  const reports = names.map((name, at) => ({
    name,
    rows: samples[0]?.reports[at]?.rows ?? 0,
    ms: spreadOf(samples.map((sample) => sample.reports[at]?.ms ?? Number.NaN)),
    heldMs: spreadOf(samples.map((sample) => sample.reports[at]?.heldMs ?? Number.NaN)),
  }));
  const bookUsPerCall = spreadOf(samples.map((sample) => sample.bookUsPerCall));
  const bytesPerCall = spreadOf(samples.map((sample) => sample.bytesPerCall));
  const { calls = 0, keys = 0 } = samples[0] ?? {};
  const ok = reports.every(({ ms }) => ms.median <= MOST_REPORT_MS);
  const table = tableText([
    ['report', 'rows', 'ms', 'target', 'held the event loop, ms'],
    ...reports.map(({ name, rows, ms, heldMs }) => [
      name,
      figure(rows),
      spreadText(ms),
      `≤ ${figure(MOST_REPORT_MS)}`,
      spreadText(heldMs),
    ]),
  ]);
  const booking = `${figure(calls)} calls under ${figure(keys)} keys; ${spreadText(bookUsPerCall)} µs and ${spreadText(bytesPerCall)} bytes to book one.`;
  return {
    ok,
    text: `\n${table}\n\n${booking}\n${ok ? 'Targets met' : 'TARGETS MISSED'}.`,
    json: {
      benchmark: 'spend',
      ok,
      node: process.version,
      rounds,
      calls,
      keys,
      reports,
      bookUsPerCall,
      bytesPerCall,
    },
  };
};
