import type { Clock } from '@paceline/resilience';
import type { ActiveRun } from './active-run.ts';
import { Admission } from './admission.ts';
import type { AdmissionLimits } from './admission.ts';
import { runEnded } from './delivery.ts';
import { engineBusy, QueuedRun } from './queued-run.ts';
import { totalMsOf } from './run-order.ts';
import type { RunOrder } from './run-order.ts';

/** A run that asks to be let in. */
interface Asking extends Pick<RunOrder, 'runId' | 'workflow' | 'options'> {
  /** Starts it with the time that is left, in milliseconds. */
  readonly begin: (leftMs: number) => ActiveRun;
}

/** Lets runs begin, as many as an engine works on at once. */
export class Gate {
  readonly places: Admission;
  private readonly clock: Clock;

  /** @throws TypeError for limits that are none */
  constructor(limits: AdmissionLimits, clock: Clock) {
    this.places = new Admission(limits);
    this.clock = clock;
  }

  /** At once, or as soon as there is a place, or never: where there is no room to wait, the outcome is `ENGINE_BUSY`. */
  begin({ runId, workflow, options, begin }: Asking): ActiveRun {
    const totalMs = totalMsOf(workflow, options);
    if (this.places.hasPlace) {
      this.places.enter(runId);
      return begin(totalMs);
    }
    if (!this.places.hasRoomToWait) return busyRun(runId);
    const { clock } = this;
    const queued = new QueuedRun({ runId, clock, totalMs, signal: options.signal, begin });
    this.places.wait(runId, queued);
    return queued;
  }
}

function busyRun(runId: string): ActiveRun {
  return {
    result: Promise.resolve(engineBusy(runId)),
    tell: () => {},
    deliver: () => Promise.reject(runEnded(runId)),
    cancel: () => {},
    leave: () => {},
  };
}
