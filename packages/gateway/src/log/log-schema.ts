import { z } from 'zod';
import { SHORTEST_SECRET } from '../secrets.ts';
import type { GatewayConfig } from '../config.ts';

const atLeastOne = z.number().int().min(1);

export const payloadLevel = z.enum(['full', 'hash', 'none']);

const stream = z.custom<{ readonly write: unknown }>(
  (value) => typeof value === 'object' && value !== null && 'write' in value,
  'Expected `stderr`, `stdout`, `{ file }` or something with a `write`.',
);

export const logSchema = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  to: z
    .union([
      z.enum(['stderr', 'stdout']),
      z.strictObject({ file: z.string().min(1), keepDays: atLeastOne.optional() }),
      stream,
    ])
    .optional(),
  payload: payloadLevel.optional(),
  maxPayloadChars: atLeastOne.optional(),
  hashKey: z
    .string()
    .regex(/^env:[A-Za-z_]\w*$/, 'Expected a reference, e.g. `env:LOG_HASH_KEY`.')
    .optional(),
});

/** A key that is not there must not become one of this process in silence, nor one that is quickly tried. */
export function logProblems({ log, env = process.env }: GatewayConfig): readonly string[] {
  if (log?.hashKey === undefined) return [];
  const name = log.hashKey.slice('env:'.length);
  const key = env[name] ?? '';
  if (key.length >= SHORTEST_SECRET) return [];
  return [`log.hashKey: ${name} has to hold at least ${SHORTEST_SECRET} characters.`];
}
