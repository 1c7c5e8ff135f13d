import { join } from 'node:path';
import type { Io } from '../io.ts';

/**
 * Where `paceline models update` keeps what it fetched: one file per user, since it is public data, beside other caches
 * (https://specifications.freedesktop.org/basedir-spec). `null` in an environment without a home.
 */
export function modelsFile({ env }: Pick<Io, 'env'>): string | null {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const caches = env['XDG_CACHE_HOME'] || (home ? join(home, '.cache') : '');
  return caches === '' ? null : join(caches, 'paceline', 'models.json');
}
