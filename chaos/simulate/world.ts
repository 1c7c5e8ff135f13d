import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createSimulator } from '@paceline/simulator';
import { memoryDisk, sqliteDisk } from './disk.ts';
import { Ledger } from './ledger.ts';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { SimulatedProvider, Simulator } from '@paceline/simulator';
import type { Disk } from './disk.ts';
import type { Plan } from './plan.ts';

/** All that outlives the processes of one simulation. */
export interface World {
  readonly plan: Plan;
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly disk: Disk;
  readonly ledger: Ledger;
}

/** Syncs cost nothing there; where it is missing the seeds take longer. */
const MEMORY_FOLDER = '/dev/shm';

export function openWorld(plan: Plan, onLine?: (line: string) => void): World {
  const clock = createVirtualClock();
  const healthy = {
    wire: 'openai',
    latency: { firstTokenMs: { p50: 100, p95: 101 }, tokensPerSecond: 1_000 },
    requireKey: true,
  } satisfies SimulatedProvider;
  const simulator = createSimulator({
    seed: plan.seed,
    clock,
    scenario: {
      providers: {
        first: { ...healthy, faults: plan.faults },
        second: { ...healthy, wire: 'anthropic', faults: plan.faults.slice(1) },
        calm: healthy,
      },
    },
  });
  const disk = plan.store === 'memory' ? memoryDisk(clock) : sqliteDisk(clock, newFolder());
  return { plan, clock, simulator, disk, ledger: new Ledger(onLine) };
}

function newFolder(): string {
  return mkdtempSync(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'paceline-simulate-'));
}
