import type { Clock } from '@paceline/resilience';
import { Admission } from './admission.ts';
import type { AdmissionLimits } from './admission.ts';
import { runEnded } from './delivery.ts';
import { engineBusy, QueuedRun } from './queued-run.ts';
import type { QueuedRunOptions } from './queued-run.ts';
import type { ActiveRun } from './run.ts';

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
  begin(order: Omit<QueuedRunOptions, 'clock'>): ActiveRun {
    const { runId, totalMs } = order;
    if (this.places.hasPlace) {
      this.places.enter(runId);
      return order.begin(totalMs);
    }
    if (!this.places.hasRoomToWait) return busyRun(runId);
    const queued = new QueuedRun({ ...order, clock: this.clock });
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
