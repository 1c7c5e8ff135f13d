import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SeedReport } from './simulate.ts';

/** Simulates each seed once, on all cores. @returns in the order of the seeds */
export async function simulateAll(
  seeds: readonly number[],
  progress: (done: number) => void,
): Promise<readonly SeedReport[]> {
  let done = 0;
  const workers = Math.min(availableParallelism(), seeds.length);
  const shares = Array.from({ length: workers }, (_, worker) =>
    seeds.filter((_each, at) => at % workers === worker),
  );
  const reports = await Promise.all(shares.map((share) => inProcess(share, () => progress(++done))));
  return reports.flat().toSorted((one, other) => one.seed - other.seed);
}

function inProcess(seeds: readonly number[], onSeed: () => void): Promise<readonly SeedReport[]> {
  const reports: SeedReport[] = [];
  const args = [join(import.meta.dirname, 'worker.ts'), JSON.stringify(seeds)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => {
    reports.push(JSON.parse(line) as SeedReport);
    onSeed();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve(reports);
      reject(new Error(`Seed ${seeds[reports.length]} ended its process with exit code ${code}.`));
    });
  });
}
