import { isGatewayError } from '../errors.ts';
import type { GatewayEvents } from '../events.ts';
import type { ModelRequest } from '../request.ts';
import type { AttemptRecord, ModelResult, Usage } from '../result.ts';
import type { Log, LogFields, LogLevel } from './contract.ts';
import type { PayloadOf } from './payload.ts';

/** Writes down what the gateway does. */
export interface CallLog {
  /** Where it writes. */
  readonly lines: Log;
  attempt(request: ModelRequest, record: AttemptRecord): void;
  call(request: ModelRequest, end: CallEnd): void;
  /** Those events that no attempt's or call's line tells of. */
  event<Name extends keyof GatewayEvents>(name: Name, event: GatewayEvents[Name][0]): void;
}

export type CallEnd = { readonly ms: number } & (
  | { readonly result: ModelResult }
  | { readonly error: unknown }
);

/** The level of each event that is told as it is; the others have lines of their own. */
const EVENT_LEVELS: Readonly<Partial<Record<keyof GatewayEvents, LogLevel>>> = {
  'call-plan': 'debug',
  'attempt-start': 'debug',
  'cache-hit': 'debug',
  'limit-change': 'debug',
  'call-shed': 'warn',
  'breaker-change': 'warn',
};

export function createCallLog(log: Log, payloadOf: PayloadOf): CallLog {
  return {
    lines: log,
    attempt(request, record) {
      const level = record.outcome === 'error' ? 'warn' : 'debug';
      if (!log.hears(level)) return;
      const { usage, ...told } = record;
      log.write(level, { event: 'attempt-end', ...metadataOf(request), ...told, ...tokensOf(usage) });
    },
    call(request, { ms, ...end }) {
      const level = 'error' in end && codeOf(end.error) !== 'CANCELLED' ? 'error' : 'info';
      if (!log.hears(level)) return;
      const told = 'result' in end ? answered(end.result) : failed(end.error);
      const payload = payloadOf(request, 'result' in end ? end.result : undefined);
      log.write(level, { event: 'call-end', ...metadataOf(request), ...told, ms, ...payload });
    },
    event(name, event) {
      const level = EVENT_LEVELS[name];
      if (level === undefined || !log.hears(level)) return;
      const { call, ...told } = { call: undefined, ...event };
      log.write(level, { event: name, ...(call && identityOf(call)), ...told });
    },
  };
}

/** What every line about a call carries. */
function metadataOf({ call, route, tenant, labels }: ModelRequest): LogFields {
  return { ...identityOf(call), route, tenant, labels };
}

/** `call` stands for all three, as the header `x-paceline-call` does. */
function identityOf(call: ModelRequest['call']): LogFields {
  return { call: `${call.runId}/${call.step}/${call.turn}`, ...call };
}

function answered({ servedBy, finishReason, cached, attempts, costUsd, usage }: ModelResult): LogFields {
  const tokens = tokensOf(usage);
  return {
    outcome: 'ok',
    target: servedBy,
    attempts: attempts.length,
    finishReason,
    cached,
    costUsd,
    ...tokens,
  };
}

function failed(error: unknown): LogFields {
  const code = codeOf(error);
  const attempts = isGatewayError(error) ? error.attempts.length : 0;
  const message = error instanceof Error ? error.message : String(error);
  return { outcome: code === 'CANCELLED' ? 'cancelled' : 'error', code, attempts, message };
}

function codeOf(error: unknown): string | undefined {
  return isGatewayError(error) ? error.code : undefined;
}

function tokensOf(usage: Usage | null): LogFields {
  if (usage === null) return {};
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens, source: usageSource } = usage;
  return { inputTokens, outputTokens, cachedInputTokens, reasoningTokens, usageSource };
}
