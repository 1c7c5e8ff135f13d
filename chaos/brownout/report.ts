import { CALLS, DEADLINE_MS, TIMELINE } from './world.ts';
import type { Figures, PhaseFigures } from './figures.ts';
import type { Place } from './rig.ts';

export interface BrownoutReport {
  readonly place: Place;
  readonly wire: string;
  readonly seed: number;
  /** What is asked of the run with hedging. */
  readonly targets: Targets;
  readonly hedged: PhaseFigures;
  /** The same world without hedging. */
  readonly unhedged: PhaseFigures;
}

/** Least shares of the chains in time, 0 to 1; the rest is asked of the steady phase, under the virtual clock only. */
export interface Targets {
  readonly steady: number;
  readonly brownOut: number;
  readonly p99Ms?: number;
  readonly attemptsPerCall?: number;
}

export const TARGETS: Readonly<Record<Place, Targets>> = {
  virtual: { steady: 0.999, brownOut: 0.995, p99Ms: 1_000, attemptsPerCall: 1.1 },
  // Time on a busy machine is not the gateway's alone.
  sockets: { steady: 0.995, brownOut: 0.99 },
};

/** What the run with hedging falls short of; empty: nothing. */
export function shortfalls({ targets, hedged: { steady, brownOut } }: BrownoutReport): readonly string[] {
  const { p99Ms = Infinity, attemptsPerCall = Infinity } = targets;
  return [
    ...(steady.inTimeShare >= targets.steady ? [] : ['steady: too few in time']),
    ...((steady.p99Ms ?? Infinity) <= p99Ms ? [] : ['steady: p99 too high']),
    ...(steady.attemptsPerCall <= attemptsPerCall ? [] : ['steady: too many attempts']),
    ...(brownOut.inTimeShare >= targets.brownOut ? [] : ['brown-out: too few in time']),
  ];
}

/** The route's setting, in words. */
const HEDGE_SETTING =
  'hedge: true on the route, with attempts: 4 (a second attempt, on the other target, when no content has come by the learned p95 of the first; at most 5 % of the calls)';

export function reportText(report: BrownoutReport): string {
  const { place, wire, seed, targets, hedged, unhedged } = report;
  const missed = shortfalls(report);
  return [
    `Chains of ${CALLS} calls, 20 a second, ${DEADLINE_MS / 1_000} s each; two simulated ${wire} providers, p50 50 ms, 2 % stalls of 2 s, 3 % errors.`,
    `The first one answers 503 after 1 s during ${hedged.brownOuts} brown-outs of ${TIMELINE.brownOutMs / 1_000} s, with ${TIMELINE.steadyMs / 1_000} s in between.`,
    `${place === 'virtual' ? 'Virtual clock, in process' : 'Real time, loopback sockets'}, seed ${seed}; the first ${TIMELINE.warmUpMs / 1_000} s are not counted.`,
    '',
    `Judged: ${HEDGE_SETTING}.`,
    '',
    line(['', 'chains', 'in time', 'p50', 'p95', 'p99', 'attempts/call', 'hedges/call', 'missed']),
    row('steady, hedging', hedged.steady),
    row('steady, no hedging', unhedged.steady),
    row('brown-out, hedging', hedged.brownOut),
    row('brown-out, no hedging', unhedged.brownOut),
    '',
    `Asked: ${targetsText(targets)}.`,
    missed.length === 0 ? 'PASS' : `FAIL: ${missed.join('; ')}`,
  ].join('\n');
}

function targetsText({ steady, brownOut, p99Ms, attemptsPerCall }: Targets): string {
  const steadily = [
    `steady >= ${percent(steady)}`,
    ...(p99Ms === undefined ? [] : [`p99 <= ${p99Ms} ms`]),
    ...(attemptsPerCall === undefined ? [] : [`<= ${attemptsPerCall.toFixed(2)} attempts per call`]),
  ];
  return `${steadily.join(', ')}; brown-out >= ${percent(brownOut)}`;
}

function row(title: string, figures: Figures): string {
  const { chains, inTimeShare, p50Ms, p95Ms, p99Ms, attemptsPerCall, hedgesPerCall, misses } = figures;
  return line([
    title,
    String(chains),
    percent(inTimeShare),
    milliseconds(p50Ms),
    milliseconds(p95Ms),
    milliseconds(p99Ms),
    attemptsPerCall.toFixed(3),
    hedgesPerCall.toFixed(3),
    Object.entries(misses)
      .map(([code, count]) => `${count} ${code}`)
      .join(', '),
  ]);
}

const WIDTHS = [24, 8, 10, 10, 10, 10, 15, 13, 0];

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0))
    .join('')
    .trimEnd();

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

const milliseconds = (ms: number | null): string =>
  ms === null ? `> ${DEADLINE_MS} ms` : `${Math.round(ms)} ms`;
