import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
const known = new Map<string, boolean>();

/** Whether a package can be loaded from here. Looked up once: nobody installs under a running process. */
export function isInstalled(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = canResolve(name);
  known.set(name, found);
  return found;
}

function canResolve(name: string): boolean {
  try {
    // Every package of the AI SDK exports its manifest, whichever module system its code is written for.
    resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
