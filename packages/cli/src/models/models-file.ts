import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayConfig } from '@paceline/gateway';
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

/** A config that takes what was fetched of models, if there is something and it does not name a file of its own. */
export function withModelsFile(config: GatewayConfig, io: Pick<Io, 'env'>): GatewayConfig {
  const file = modelsFile(io);
  return file === null || !existsSync(file) ? config : { modelsFile: file, ...config };
}
