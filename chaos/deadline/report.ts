import { quantile } from '../quantile.ts';
import type { SocketAftermath } from './sockets.ts';
import type { VirtualAftermath } from './virtual.ts';

export interface DeadlineReport {
  readonly virtual: VirtualFigures;
  /** `null`: not asked for. */
  readonly sockets: SocketFigures | null;
}

export interface VirtualFigures {
  readonly calls: number;
  readonly attempts: number;
  readonly answered: number;
  readonly outOfTime: number;
  readonly gone: number;
  readonly late: number;
  readonly latestMs: number;
  readonly unsettled: number;
  /** The slowest of the requests whose caller had gone. */
  readonly cancelledAfterMs: number;
  readonly leftBehind: {
    readonly timers: number;
    readonly requests: number;
    readonly listeners: number;
  };
}

/** In milliseconds. */
export interface Spread {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface SocketFigures {
  readonly calls: number;
  readonly concurrency: number;
  readonly attempts: number;
  /** Settled after the deadline. */
  readonly overshootMs: Spread;
  /** A bare timer in the same process. */
  readonly timerLateMs: Spread;
  /** From the moment a caller went away until the provider saw his connection close. */
  readonly cancelledAfterMs: Spread;
  readonly leftBehind: { readonly requests: number; readonly listeners: number };
}

const TARGETS = { overshootP99Ms: 25, cancelledP99Ms: 100 };

export function virtualFigures(worlds: readonly VirtualAftermath[]): VirtualFigures {
  const sum = (of: (world: VirtualAftermath) => number): number =>
    worlds.reduce((total, world) => total + of(world), 0);
  const lateMs = worlds.flatMap((world) => world.lateMs);
  return {
    calls: sum(({ calls, unsettled }) => calls + unsettled),
    attempts: sum(({ attempts }) => attempts),
    answered: sum(({ answered }) => answered),
    outOfTime: sum(({ outOfTime }) => outOfTime),
    gone: sum(({ gone }) => gone),
    late: lateMs.filter((ms) => ms > 0).length,
    latestMs: quantile(lateMs, 1) ?? 0,
    unsettled: sum(({ unsettled }) => unsettled),
    cancelledAfterMs:
      quantile(
        worlds.flatMap((world) => world.cancelledAfterMs),
        1,
      ) ?? 0,
    leftBehind: {
      timers: sum(({ timers }) => timers),
      requests: sum(({ open }) => open),
      listeners: sum(({ listeners }) => listeners),
    },
  };
}

export function socketFigures(after: SocketAftermath): SocketFigures {
  const { calls, concurrency, attempts, lateMs, timerLateMs, cancelledAfterMs, open, listeners } = after;
  return {
    calls,
    concurrency,
    attempts,
    overshootMs: spreadOf(lateMs),
    timerLateMs: spreadOf(timerLateMs),
    cancelledAfterMs: spreadOf(cancelledAfterMs),
    leftBehind: { requests: open, listeners },
  };
}

function spreadOf(values: readonly number[]): Spread {
  const at = (q: number): number => quantile(values, q) ?? 0;
  return { samples: values.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** What falls short; empty: nothing. */
export function shortfalls({ virtual, sockets }: DeadlineReport): readonly string[] {
  const virtually = [
    { ok: virtual.late === 0, text: 'virtual: calls settle late' },
    { ok: virtual.unsettled === 0, text: 'virtual: calls do not settle' },
    { ok: virtual.cancelledAfterMs === 0, text: 'virtual: upstream hears late that the caller has gone' },
    { ok: isNothing(virtual.leftBehind), text: 'virtual: something is left behind' },
  ];
  const really =
    sockets === null
      ? []
      : [
          { ok: sockets.overshootMs.p99 <= TARGETS.overshootP99Ms, text: 'sockets: calls settle late' },
          {
            ok: sockets.cancelledAfterMs.p99 <= TARGETS.cancelledP99Ms,
            text: 'sockets: upstream hears late that the caller has gone',
          },
          { ok: isNothing(sockets.leftBehind), text: 'sockets: something is left behind' },
        ];
  return [...virtually, ...really].filter(({ ok }) => !ok).map(({ text }) => text);
}

const isNothing = (leftBehind: Readonly<Record<string, number>>): boolean =>
  Object.values(leftBehind).every((count) => count === 0);

export function reportText(report: DeadlineReport): string {
  const missed = shortfalls(report);
  return [
    ...virtualText(report.virtual),
    ...(report.sockets === null ? [] : ['', ...socketText(report.sockets)]),
    '',
    missed.length === 0 ? 'PASS' : `FAIL: ${missed.join('; ')}`,
  ].join('\n');
}

function virtualText(figures: VirtualFigures): readonly string[] {
  const { calls, attempts, answered, outOfTime, gone, late, latestMs, unsettled } = figures;
  const { timers, requests, listeners } = figures.leftBehind;
  return [
    `Virtual clock: ${calls} calls (${attempts} upstream requests, a third of them in trouble), deadlines of 20 ms to 40 s.`,
    `  ${answered} answered, ${outOfTime} out of time, ${gone} callers gone, the others failed`,
    `  settled late: ${late} (the latest by ${latestMs} ms); never settled: ${unsettled}`,
    `  caller gone -> request over upstream: ${figures.cancelledAfterMs} ms at most`,
    `  left behind: ${timers} timers, ${requests} upstream requests, ${listeners} abort listeners`,
  ];
}

function socketText({
  calls,
  concurrency,
  overshootMs,
  timerLateMs,
  cancelledAfterMs,
  leftBehind,
}: SocketFigures): readonly string[] {
  return [
    `Loopback sockets, real time: ${calls} calls, ${concurrency} at once.`,
    `  settled after the deadline by ${spreadText(overshootMs)}; asked: p99 <= ${TARGETS.overshootP99Ms} ms`,
    `  a bare timer meanwhile: late by ${spreadText(timerLateMs)}`,
    `  caller gone -> connection closed upstream after ${spreadText(cancelledAfterMs)}; asked: p99 <= ${TARGETS.cancelledP99Ms} ms`,
    `  left behind: ${leftBehind.requests} upstream requests, ${leftBehind.listeners} abort listeners`,
  ];
}

const spreadText = ({ samples, p50, p99, max }: Spread): string =>
  `${p50.toFixed(1)} ms at p50, ${p99.toFixed(1)} at p99, ${max.toFixed(1)} at most (${samples} samples)`;
