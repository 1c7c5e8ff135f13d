import { createHmac, randomBytes } from 'node:crypto';
import { routesIn } from '../config-routes.ts';
import type { GatewayConfig } from '../config.ts';
import type { Redactor } from '../redact.ts';
import type { ModelRequest } from '../request.ts';
import type { ModelResult } from '../result.ts';
import type { LogFields, PayloadLevel } from './contract.ts';

/** What a call's line holds of its prompt and answer; the answer is absent where there is none. */
export type PayloadOf = (request: ModelRequest, result?: ModelResult) => LogFields;

const LEVELS: readonly PayloadLevel[] = ['none', 'hash', 'full'];

const DEFAULT_MAX_CHARS = 16_384;

const RANDOM_KEY_BYTES = 32;

/** The operator's word is the most there may be; what a step or a call says only holds back more. */
export function payloadReader(config: GatewayConfig, redactor: Redactor): PayloadOf {
  const { payload = 'none', maxPayloadChars = DEFAULT_MAX_CHARS } = config.log ?? {};
  const levels = new Map(
    routesIn(config).map(({ name, settings }) => [name, settings.logPayload ?? payload]),
  );
  const hashed = hasher(config);
  const quoted = (value: unknown): unknown => {
    // Before it is cut: nobody finds half a secret.
    const fit = redactor.value(value);
    const json = JSON.stringify(fit);
    const chars = json.length;
    return chars <= maxPayloadChars ? fit : { cut: json.slice(0, maxPayloadChars), chars };
  };
  return (request, result) => {
    const level = stricter(levels.get(request.route) ?? 'none', request.logPayload ?? 'full');
    if (level === 'none') return {};
    const write = level === 'full' ? quoted : hashed;
    const { text, toolCalls } = result ?? {};
    const answer = result && { text, ...(toolCalls?.length !== 0 && { toolCalls }) };
    return { prompt: write(request.messages), ...(answer && { answer: write(answer) }) };
  };
}

function stricter(a: PayloadLevel, b: PayloadLevel): PayloadLevel {
  return LEVELS.indexOf(a) < LEVELS.indexOf(b) ? a : b;
}

/** Without a key, whoever reads the log could try short prompts until one has the hash. */
function hasher({ log, env = process.env }: GatewayConfig): (value: unknown) => string {
  const key = env[log?.hashKey?.slice('env:'.length) ?? ''] ?? randomBytes(RANDOM_KEY_BYTES);
  return (value) => `hmac-sha256:${createHmac('sha256', key).update(JSON.stringify(value)).digest('hex')}`;
}
