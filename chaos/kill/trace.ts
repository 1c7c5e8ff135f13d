import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { startWorker } from './process.ts';

/** What the kernel was asked for, in order, by the thread that runs the engine. */
export interface TraceReport {
  /** Transitions told as durable: starts, deeds and ends. */
  readonly told: number;
  readonly syncs: number;
  /** Groups of writes to the log, each up to its sync. */
  readonly groups: number;
  /** Things told while the log held bytes that were not synced. */
  readonly toldTooEarly: number;
}

/** Runs a few chains under strace. @returns `null` where there is no strace */
export async function traceSyncs(path: string, runs: number): Promise<TraceReport | null> {
  if (!(await hasStrace())) return null;
  const log = `${path}.strace`;
  const calls = 'trace=openat,close,write,pwrite64,fsync,fdatasync';
  const through = ['strace', '-o', log, '-s', '256', '-e', calls];
  const job = { path, runs, inFlight: 5, prefix: 'traced', parked: false };
  await startWorker(job, () => {}, through).gone;
  return judgeTrace(readFileSync(log, 'utf8').split('\n'));
}

/** Whether there is anything to trace with. */
export async function hasStrace(): Promise<boolean> {
  try {
    await promisify(execFile)('strace', ['-V']);
    return true;
  } catch {
    return false;
  }
}

/** A kill leaves the kernel's buffers alone, so it cannot show a missing sync; the order of the calls can. */
export function judgeTrace(lines: readonly string[]): TraceReport {
  let log: string | undefined;
  let dirty = false;
  const report = { told: 0, syncs: 0, groups: 0, toldTooEarly: 0 };
  for (const line of lines) {
    const opened = /^openat\(.*-wal", .* = (\d+)$/.exec(line);
    if (opened !== null) log = opened[1];
    if (line.startsWith(`pwrite64(${log}, `)) {
      if (!dirty) report.groups++;
      dirty = true;
    }
    if (line.startsWith(`fdatasync(${log})`) || line.startsWith(`fsync(${log})`)) {
      report.syncs++;
      dirty = false;
    }
    if (/^write\(1, "\{\\"type\\":\\"(?:started|deed|ended)\\"/.test(line)) {
      report.told++;
      if (dirty) report.toldTooEarly++;
    }
  }
  return report;
}
