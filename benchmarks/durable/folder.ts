import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Magic numbers of file systems that live in memory: tmpfs and ramfs (statfs(2)). */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/**
 * Gives a folder on a disk, and takes it away afterwards.
 * @throws Error where the folder for temporary files is no disk: a sync would cost nothing there
 */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const { type } = statfsSync(tmpdir());
  if (IN_MEMORY.has(type))
    throw new Error(`${tmpdir()} is kept in memory. Set TMPDIR to a folder on a disk.`);
  const folder = mkdtempSync(join(tmpdir(), 'paceline-durable-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
