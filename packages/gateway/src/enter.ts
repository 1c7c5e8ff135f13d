import { isAbortReason, isResilienceError } from '@paceline/resilience';
import { GatewayError } from './errors.ts';
import type { ShedCode } from './events.ts';
import type { Gate } from './gate.ts';
import type { ModelRequest } from './request.ts';

/**
 * Lets a call into the gateway, once for all its attempts: the process must not be too busy for a call of its criticality, and its
 * tenant must have a place left, or get one before the deadline. Then `admit.ts` asks for each attempt.
 * @returns what ends the call's stay
 * @throws GatewayError with a `ShedCode`
 */
export async function enter(request: ModelRequest, gate: Gate): Promise<() => void> {
  if (!gate.guards) return () => {};
  const { tenant = '', criticality = 'critical', deadline, signal } = request;
  const { loop, tenants } = gate;
  if (gate.shedder.refuses(criticality)) throw refused('SHED', request, gate);
  try {
    const leave = await tenants.enter(tenant, { deadline, signal });
    loop.start();
    return () => {
      leave();
      if (tenants.idle) loop.stop();
    };
  } catch (reason) {
    throw refused(codeOf(reason), request, gate);
  }
}

function codeOf(reason: unknown): ShedCode {
  if (isResilienceError(reason)) return reason.code === 'QUEUE_FULL' ? 'QUEUE_FULL' : 'DEADLINE_EXCEEDED';
  return isAbortReason(reason) && reason.abortCause === 'deadline' ? 'DEADLINE_EXCEEDED' : 'CANCELLED';
}

const WHY: Readonly<Record<ShedCode, string>> = {
  SHED: 'This process is too busy to take the call',
  QUEUE_FULL: 'The tenant has too many calls in flight and waiting',
  DEADLINE_EXCEEDED: 'The deadline came before a place for the tenant',
  CANCELLED: 'Cancelled while waiting for a place for the tenant',
};

function refused(code: ShedCode, { call, tenant = '', criticality = 'critical' }: ModelRequest, gate: Gate) {
  gate.emit('call-shed', { call, tenant, criticality, code });
  return new GatewayError(code, `${WHY[code]} (after 0 attempts).`);
}
