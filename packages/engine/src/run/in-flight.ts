import type { Json } from '@paceline/gateway';
import { withEntry, without } from '../copies.ts';
import type { MachineEffect } from '../xstate/effects.ts';
import type { PendingStep, PendingTimer, RunEffect, RunRecord } from './record.ts';
import { stepToken, timerToken } from './token.ts';

type InFlight = Pick<RunRecord, 'pending' | 'timers' | 'visits'>;

/** What is in flight after the machine's effects, and what the driver has to do about it. */
export interface FlightChange extends InFlight {
  readonly effects: readonly RunEffect[];
}

/** Where in the run's history an effect was asked for; part of every token. */
export interface HistoryPoint {
  readonly runId: string;
  readonly seq: number;
  readonly nowEpochMs: number;
  /** What earlier macrosteps of the same entry have asked for. */
  readonly asked: readonly RunEffect[];
}

/**
 * Applies the machine's effects in their order. A step that one entry both starts and stops, as behind an `always`
 * that passes on at once, never reaches the driver.
 */
export function changeInFlight(
  before: InFlight,
  machineEffects: readonly MachineEffect[],
  at: HistoryPoint,
): FlightChange {
  let { pending, timers, visits } = before;
  const effects = [...at.asked];

  for (const effect of machineEffects) {
    switch (effect.type) {
      case 'invoke-start': {
        const { invokeId } = effect;
        visits = withEntry(visits, invokeId, (visits[invokeId] ?? 0) + 1);
        const started = startedStep(effect, visits, at);
        pending = withEntry(pending, invokeId, started);
        effects.push({ type: 'step-start', pending: started });
        break;
      }
      case 'invoke-stop': {
        const stopped = pending[effect.invokeId];
        if (stopped === undefined) break;
        pending = without(pending, effect.invokeId);
        undo(effects, stopped, { type: 'step-abort', token: stopped.token });
        break;
      }
      case 'timer-set': {
        // A delayed raise of which the author gave no id gets one here: nothing refers to it.
        const id = effect.id ?? unusedKey(timers, (n) => `raise.${at.seq}.${n}`);
        const key = unusedKey(timers, (n) => (n === 0 ? id : `${id}#${n + 1}`));
        const timer: PendingTimer = {
          token: timerToken(at, key),
          id,
          dueEpochMs: at.nowEpochMs + effect.delayMs,
          event: effect.event,
        };
        timers = withEntry(timers, key, timer);
        effects.push({ type: 'timer-set', timer });
        break;
      }
      case 'timer-cancel': {
        for (const [key, cancelled] of Object.entries(timers)) {
          if (cancelled.id !== effect.id) continue;
          timers = without(timers, key);
          undo(effects, cancelled, { type: 'timer-cancel', token: cancelled.token });
        }
        break;
      }
    }
  }
  return { pending, timers, visits, effects };
}

function unusedKey(timers: InFlight['timers'], nth: (n: number) => string): string {
  for (let n = 0; ; n++) {
    const key = nth(n);
    if (timers[key] === undefined) return key;
  }
}

function startedStep(
  { invokeId, src, input }: MachineEffect & { type: 'invoke-start' },
  visits: InFlight['visits'],
  at: HistoryPoint,
): PendingStep {
  const visit = visits[invokeId] ?? 1;
  const token = stepToken(at, invokeId, visit);
  return { token, invokeId, step: src, visit, input: input as Json, progress: [] };
}

/** Takes back the start if it is still in `effects`, else adds the stop. */
function undo(effects: RunEffect[], started: PendingStep | PendingTimer, stop: RunEffect): void {
  const at = effects.findIndex(
    (effect) =>
      (effect.type === 'step-start' && effect.pending === started) ||
      (effect.type === 'timer-set' && effect.timer === started),
  );
  if (at === -1) effects.push(stop);
  else effects.splice(at, 1);
}

export function pendingByToken({ pending }: InFlight, token: string): PendingStep | undefined {
  for (const id in pending) if (pending[id]?.token === token) return pending[id];
  return undefined;
}

/** The visit that may record something and end. A step that rests has none: what comes in its name is not its own. */
export function stepAtWork(inFlight: InFlight, token: string): PendingStep | undefined {
  const pending = pendingByToken(inFlight, token);
  return pending?.wait === undefined ? pending : undefined;
}

/** Stops everything in flight, as the end of a run does. */
export function stopAll({ pending, timers }: InFlight): readonly RunEffect[] {
  return [
    ...Object.values(pending).map(({ token }): RunEffect => ({ type: 'step-abort', token })),
    ...Object.values(timers).map(({ token }): RunEffect => ({ type: 'timer-cancel', token })),
  ];
}
