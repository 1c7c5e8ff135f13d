import { EventEmitter } from 'eventemitter3';
import { namedSecrets } from './config-secrets.ts';
import { createRedactor } from './redact.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayEvents } from './events.ts';
import type { Redactor } from './redact.ts';

/** All through which something leaves the gateway besides answers. */
export interface Outlets {
  readonly events: EventEmitter<GatewayEvents>;
  /** Tells the listeners, if there are any; never throws. */
  readonly emit: <Name extends keyof GatewayEvents>(name: Name, event: GatewayEvents[Name][0]) => void;
  /** What leaves goes through it. */
  readonly redactor: Redactor;
}

/** @param credentials of the config's providers, as they are at the moment */
export function openOutlets(config: GatewayConfig, credentials: () => readonly string[]): Outlets {
  const events = new EventEmitter<GatewayEvents>();
  const secrets = () => [...credentials(), ...Object.values(namedSecrets(config))];
  const redactor = createRedactor({ ...config.redact, secrets });
  const emit: Outlets['emit'] = (name, event) => {
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
  return { events, emit, redactor };
}
