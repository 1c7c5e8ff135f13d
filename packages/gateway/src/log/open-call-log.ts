import { GatewayError } from '../errors.ts';
import { createCallLog } from './call-log.ts';
import { createLog } from './create-log.ts';
import { payloadReader } from './payload.ts';
import type { GatewayConfig } from '../config.ts';
import type { CallLog } from './call-log.ts';
import type { LogParts } from './create-log.ts';

/**
 * The log that a config asks for; `null` if it asks for none.
 * @throws GatewayError `CONFIG_INVALID` if its file cannot be written
 */
export function openCallLog(config: GatewayConfig, parts: LogParts): CallLog | null {
  if (config.log === undefined) return null;
  try {
    return createCallLog(createLog(config.log, parts), payloadReader(config, parts.redactor));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new GatewayError(
      'CONFIG_INVALID',
      `log.to: the log cannot be written: ${parts.redactor.text(why)}`,
    );
  }
}
