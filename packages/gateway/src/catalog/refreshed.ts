import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { modelsDevProvider } from './models-dev.ts';
import { SHELVES } from './shelves.ts';

/** What models.dev said on a day, of the providers that the catalog lists. */
export interface RefreshedModels {
  /** `models.dev@2026-11-23`. */
  readonly source: string;
  /** By models.dev's ids. */
  readonly providers: Readonly<Record<string, z.infer<typeof modelsDevProvider>>>;
}

/** The public catalogue, without a key. */
export const MODELS_DEV_URL = 'https://models.dev/api.json';

/** Today's is 2 MB; a page that is ten times as long is something else. */
export const MODELS_DEV_MAX_BYTES = 20_000_000;

const published = z.record(z.string(), z.unknown());

const stored = z.object({
  source: z.string().regex(/^models\.dev@\d{4}-\d{2}-\d{2}$/),
  providers: z.record(z.string(), modelsDevProvider),
});

/**
 * Keeps of models.dev's catalogue what is read of it, after checking it.
 * @param day when it was fetched, `YYYY-MM-DD`
 * @throws z.ZodError or SyntaxError if it is not what models.dev publishes
 */
export function parseModelsDev(text: string, day: string): RefreshedModels {
  const all = published.parse(JSON.parse(text));
  const ids = Object.values(SHELVES).flatMap(({ modelsDev }) => modelsDev);
  const providers = ids
    .filter((id) => Object.hasOwn(all, id))
    .map((id) => [id, modelsDevProvider.parse(all[id])] as const);
  if (providers.length === 0) throw new SyntaxError('It has none of the providers that the catalog lists.');
  return stored.parse({ source: `models.dev@${day}`, providers: Object.fromEntries(providers) });
}

/** A file that `paceline models update` wrote; `null` if there is none, or none that can be read: the catalog that is built in serves then. */
export function readRefreshedModels(path: string): RefreshedModels | null {
  try {
    return stored.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
