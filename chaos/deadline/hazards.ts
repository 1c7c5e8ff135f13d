import { FAULTS } from '@paceline/simulator';
import type { Random } from '@paceline/resilience';
import type { FaultName, FaultRule } from '@paceline/simulator';
import { STALL_SHAPES } from '../faults/stalls.ts';

/** Of all requests that reach a provider, so many meet a hazard, each as often as the others. */
const STRUCK_SHARE = 0.35;

/** Faults of the simulator that need a request of another kind, or that another fault is a case of. */
const LEFT_OUT: readonly FaultName[] = ['invalid-json-answer', 'brownout'];

/** Every way to stall, every way to fail; and stalls that end, just before or just after somebody gives up on them. */
const HAZARDS: readonly FaultRule[] = [
  ...Object.values(STALL_SHAPES).map(({ rule }): FaultRule => rule),
  ...(Object.keys(FAULTS) as FaultName[])
    .filter((fault) => !LEFT_OUT.includes(fault))
    .map((fault): FaultRule => ({ fault })),
  { fault: 'stall', forMs: 300 },
  { fault: 'stall-mid', forMs: 1_000, resumes: false },
  { fault: 'unavailable-503', afterMs: 1_000 },
];

/** The rules of one provider. Each is asked only after those before it, so its own probability grows. */
export function hazards(): readonly FaultRule[] {
  const share = STRUCK_SHARE / HAZARDS.length;
  return HAZARDS.map((rule, at) => ({ ...rule, probability: share / (1 - at * share) }));
}

/** Evenly spread over the orders of magnitude between the two. */
export function drawMs(leastMs: number, mostMs: number, random: Random): number {
  return leastMs * (mostMs / leastMs) ** random.next();
}
