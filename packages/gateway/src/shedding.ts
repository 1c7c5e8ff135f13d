import type { Clock, LoopMonitor } from '@paceline/resilience';
import type { Criticality } from './request.ts';

/** Refuses calls while the process itself cannot keep up: one more would make every deadline in it late. */
export interface Shedder {
  /** Whether a call that matters so much is to be refused now. */
  refuses(criticality: Criticality): boolean;
}

/** How late timers come, in milliseconds, before calls of each kind are refused. The most critical never are. */
const REFUSED_ABOVE_MS: Readonly<Record<Criticality, number>> = {
  sheddable: 50,
  'sheddable-plus': 100,
  critical: 200,
  'critical-plus': Infinity,
};

/** Lateness has to last: one long computation, or a start in the cold, is over before refusing calls could help. */
const LASTING_MS = 1_000;

/** @param loop has to be running while calls are in flight */
export function createShedder(loop: Pick<LoopMonitor, 'p99Ms'>, clock: Clock): Shedder {
  let lateSinceMs = Infinity;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  return {
    refuses(criticality) {
      const nowMs = clock.nowMs();
      const late = loop.p99Ms > REFUSED_ABOVE_MS.sheddable;
      // What was late before a pause without any call says nothing about now.
      const goesOn = late && nowMs - askedAtMs < LASTING_MS;
      lateSinceMs = goesOn ? Math.min(lateSinceMs, nowMs) : late ? nowMs : Infinity;
      askedAtMs = nowMs;
      return nowMs - lateSinceMs >= LASTING_MS && loop.p99Ms > REFUSED_ABOVE_MS[criticality];
    },
  };
}
