import { appendFileSync, mkdirSync } from 'node:fs';
import { appendFile, readdir, unlink } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type { Clock } from '@paceline/resilience';
import type { LogFile } from './contract.ts';
import type { SlowSink } from './destination.ts';

const DEFAULT_KEEP_DAYS = 14;
const DAY_MS = 86_400_000;

/** Nobody else reads what models were asked. */
const PRIVATE = { mode: 0o600 };

/** Sweden writes dates as ISO 8601 does. */
const DAY = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: 'UTC' });

/**
 * A file for each day, opened for each write: one that was moved, deleted or on a full disk is there again as soon as it can be. Several processes may
 * write to it.
 * @throws Error if it cannot be written now
 */
export function dailyFile({ file, keepDays = DEFAULT_KEEP_DAYS }: LogFile, clock: Clock): SlowSink {
  const { dir, name, ext } = parse(file);
  const folder = dir === '' ? '.' : dir;
  const today = (): string => DAY.format(clock.epochMs());
  const pathOf = (day: string): string => join(folder, `${name}-${day}${ext}`);
  const isTooOld = (entry: string): boolean => {
    const day = entry.slice(name.length + 1, entry.length - ext.length);
    const oldest = DAY.format(clock.epochMs() - (keepDays - 1) * DAY_MS);
    return /^\d{4}-\d\d-\d\d$/.test(day) && entry === `${name}-${day}${ext}` && day < oldest;
  };
  const deleteOld = async (): Promise<void> => {
    const old = (await readdir(folder)).filter(isTooOld);
    await Promise.allSettled(old.map((entry) => unlink(join(folder, entry))));
  };
  let cleared = '';
  mkdirSync(folder, { recursive: true });
  appendFileSync(pathOf(today()), '', PRIVATE);
  return {
    async append(text) {
      const day = today();
      await appendFile(pathOf(day), text, PRIVATE);
      if (day === cleared) return;
      cleared = day;
      // Another day will do for what could not be deleted on this one.
      await deleteOld().catch(() => {});
    },
    appendNow: (text) => appendFileSync(pathOf(today()), text, PRIVATE),
  };
}
