import { EventEmitter } from 'eventemitter3';
import type { Clock } from '@paceline/resilience';
import { namedSecrets } from './config-secrets.ts';
import { openCallLog } from './log/open-call-log.ts';
import { createRedactor } from './redact.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayEvents } from './events.ts';
import type { CallLog } from './log/call-log.ts';
import type { Redactor } from './redact.ts';

/** All through which something leaves the gateway besides answers. */
export interface Outlets {
  readonly events: EventEmitter<GatewayEvents>;
  /** Tells the listeners and the log, if there are any; never throws. */
  readonly emit: <Name extends keyof GatewayEvents>(name: Name, event: GatewayEvents[Name][0]) => void;
  /** `null`: nothing is logged. */
  readonly log: CallLog | null;
  /** What leaves goes through it. */
  readonly redactor: Redactor;
}

export interface OutletParts {
  readonly clock: Clock;
  /** Values of the credentials of the config's providers, as they are at the moment. */
  readonly credentials: () => readonly string[];
}

/** @throws GatewayError `CONFIG_INVALID` if the log cannot be opened */
export function openOutlets(config: GatewayConfig, { clock, credentials }: OutletParts): Outlets {
  const events = new EventEmitter<GatewayEvents>();
  const secrets = () => [...credentials(), ...Object.values(namedSecrets(config))];
  const redactor = createRedactor({ ...config.redact, secrets });
  const log = openCallLog(config, { clock, redactor });
  const emit: Outlets['emit'] = (name, event) => {
    log?.event(name, event);
    if (events.listenerCount(name) === 0) return;
    try {
      events.emit(name, ...([redactor.value(event)] as never));
    } catch (error) {
      // A listener's fault is not the call's. It surfaces where faults of callbacks do: as an uncaught exception.
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  return { events, emit, log, redactor };
}
