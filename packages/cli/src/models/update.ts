import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createPoolFetch, MODELS_DEV_MAX_BYTES, MODELS_DEV_URL, parseModelsDev } from '@paceline/gateway';
import type { RefreshedModels } from '@paceline/gateway';
import { dateAt, randomId } from '@paceline/resilience';
import { CliError, messageOf } from '../errors.ts';
import type { Io } from '../io.ts';
import { modelsFile } from './models-file.ts';

/** What `paceline models update` was asked to do. */
export interface UpdateRequest {
  /** @default https://models.dev/api.json */
  readonly url?: string;
  /** In milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Fetches models.dev's catalogue and keeps what is read of it.
 * @throws CliError `MODELS_NOT_FETCHED`; what was kept before stays
 */
export async function updateModels(
  { url = MODELS_DEV_URL, timeoutMs }: UpdateRequest,
  io: Io,
): Promise<void> {
  const file = modelsFile(io);
  if (file === null)
    throw new CliError('MODELS_NOT_FETCHED', 'There is no place for it: set HOME or XDG_CACHE_HOME.');
  const pool = io.fetch === undefined ? createPoolFetch() : { fetch: io.fetch, close: async () => {} };
  try {
    const text = await textAt(url, { fetch: pool.fetch, timeoutMs }, io);
    const models = parsed(text, dateAt(io.clock.epochMs()).toISOString().slice(0, 10));
    await writeWhole(file, JSON.stringify(models), io);
    const providers = Object.values(models.providers);
    const count = providers.reduce((sum, provider) => sum + Object.keys(provider.models).length, 0);
    io.stdout.write(`${models.source}: ${count} models of ${providers.length} providers in ${file}\n`);
  } catch (error) {
    throw error instanceof CliError
      ? error
      : new CliError(
          'MODELS_NOT_FETCHED',
          `${url}: ${messageOf(error)}. What was known before stays.`,
          error,
        );
  } finally {
    await pool.close();
  }
}

interface Fetching {
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
}

/** The body of an answer, of which no more is read than there may be. */
async function textAt(url: string, { fetch, timeoutMs }: Fetching, { clock }: Io): Promise<string> {
  const controller = new AbortController();
  const timer = clock.setTimer(timeoutMs, () =>
    controller.abort(new Error(`no answer within ${timeoutMs} ms`)),
  );
  try {
    const response = await fetch(url, { signal: controller.signal, headers: { accept: 'application/json' } });
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > MODELS_DEV_MAX_BYTES) throw new Error(`longer than ${MODELS_DEV_MAX_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    timer.cancel();
  }
}

function parsed(text: string, day: string): RefreshedModels {
  try {
    return parseModelsDev(text, day);
  } catch (error) {
    throw new CliError(
      'MODELS_NOT_FETCHED',
      'What came is not a catalogue of models. What was known before stays.',
      error,
    );
  }
}

/** Never a half of it: a reader sees the file of before or the new one. */
async function writeWhole(file: string, text: string, { random }: Io): Promise<void> {
  const beside = `${file}.${randomId(random, 'new')}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(beside, text);
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
}
