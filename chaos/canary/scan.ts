import { callPaceline } from './cli/command.ts';
import { PATHS } from './paths.ts';
import { canaryOf, FORMS, guessableOf, isIn } from './secret.ts';
import { letThrough } from './world.ts';
import type { CliCase } from './cli/command.ts';
import type { CanaryReport } from './report.ts';
import type { Secrets } from './world.ts';

export interface ScanOptions {
  readonly seed: number;
  readonly forms: readonly string[];
  /** Which of the known secrets stands in the paths. */
  readonly secrets: readonly (keyof Secrets)[];
  /** Calls of the command in processes of their own. */
  readonly cliCases: readonly CliCase[];
}

/** Puts known secrets into every path, in every form, and looks for them in all that comes out. */
export async function scan({ seed, forms, secrets: kinds, cliCases }: ScanOptions): Promise<CanaryReport> {
  const secrets: Secrets = {
    key: canaryOf(seed, 'key'),
    header: canaryOf(seed, 'header'),
    named: canaryOf(seed, 'named'),
    ofEngine: canaryOf(seed, 'engine'),
  };
  const counted = { cases: 0, heard: 0, scannedBytes: {} as Record<string, number>, hits: [] as string[] };
  const look = (where: string, outlets: object): void => {
    counted.cases++;
    for (const [outlet, bytes] of Object.entries(outlets) as [string, string][]) {
      counted.scannedBytes[outlet] = (counted.scannedBytes[outlet] ?? 0) + bytes.length;
      const found = Object.entries(secrets).filter(([, secret]) => isIn(bytes, secret));
      counted.hits.push(...found.map(([name]) => `${where}: ${name} in ${outlet}`));
    }
  };
  for (const [path, { place }] of Object.entries(PATHS)) {
    for (const form of forms) {
      for (const kind of kinds) {
        const text = FORMS[form]?.(secrets[kind]) ?? '';
        const { outlets, heard } = await letThrough(place(`see ${text} there`), secrets);
        look(`${path}, ${form}, ${kind}`, outlets);
        counted.heard += isIn(heard, secrets.key) ? 1 : 0;
      }
    }
  }
  const guessable = guessableOf(seed);
  for (const [path, { place }] of Object.entries(PATHS)) {
    const { outlets } = await letThrough(place(`see ${guessable} there`), secrets);
    // The journal and outcomes hold values as they are.
    const { log, errors, events } = outlets;
    const found = Object.entries({ log, errors, events }).filter(([, bytes]) => bytes.includes(guessable));
    counted.hits.push(...found.map(([outlet]) => `${path}, an unknown key: in ${outlet}`));
    counted.cases++;
  }
  for (const name of cliCases) look(`paceline run, ${name}`, callPaceline(name, secrets.key));
  return { ...counted, silentPaths: await silentPaths(secrets) };
}

const HARMLESS = 'harmless-marker-7141';

/** A path that leads nowhere could hide nothing: what is harmless has to come out of it. */
async function silentPaths(secrets: Secrets): Promise<readonly string[]> {
  const silent: string[] = [];
  for (const [path, { place, shows = true }] of Object.entries(PATHS)) {
    const { outlets } = await letThrough(place(HARMLESS), secrets);
    if (shows && !Object.values(outlets).some((bytes) => bytes.includes(HARMLESS))) silent.push(path);
  }
  return silent;
}
