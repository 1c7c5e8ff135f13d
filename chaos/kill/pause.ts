import { systemClock } from '@paceline/resilience';

/** Real time: what is tested here is what the machine does. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.setTimer(ms, resolve));
}
