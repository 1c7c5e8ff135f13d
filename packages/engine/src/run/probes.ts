import type { Clock } from '@paceline/resilience';

/** Lets one run in so many go ahead although it should be refused. Made once per engine. */
export interface Probes {
  goesAhead(workflowId: string): boolean;
}

/**
 * A refused run learns nothing: neither that a step has become faster nor that a credential has been mended. So once something
 * stands in the way of a workflow, one of its runs in ten seconds is let through to find out.
 */
const PROBE_EVERY_MS = 10_000;

export function createProbes(clock: Clock): Probes {
  const sinceMs = new Map<string, number>();
  return {
    goesAhead(workflowId) {
      const lastMs = sinceMs.get(workflowId);
      const nowMs = clock.nowMs();
      if (lastMs !== undefined && nowMs - lastMs < PROBE_EVERY_MS) return false;
      sinceMs.set(workflowId, nowMs);
      return lastMs !== undefined;
    },
  };
}
