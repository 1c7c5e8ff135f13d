import type { Log, LogFields, LogLevel } from '@paceline/gateway';
import type { EventEmitter } from 'eventemitter3';
import type { EngineEvent, EngineEvents } from '../events.ts';
import type { RunOutcome } from './outcome.ts';

type Line = readonly [level: LogLevel, fields: LogFields];

type Lines = { readonly [Type in EngineEvent['type']]?: (event: EngineEvents[Type][0]) => Line };

/**
 * What is written of each event: who, where, how long, how it ended. Never inputs, outputs, answers or payloads. Attempts are not among them, because the gateway
 * writes them itself.
 */
const LINES: Lines = {
  'run-start': ({ workflowId, labels, parentRunId, totalMs }) => [
    'info',
    { workflow: workflowId, labels, parentRunId, totalMs },
  ],
  'run-resume': ({ workflowId, labels, parentRunId, seq, leftMs }) => [
    'info',
    { workflow: workflowId, labels, parentRunId, seq, leftMs },
  ],
  'step-error': ({ step, visit, failure: { code, message }, ms, costUsd }) => [
    'warn',
    { step, visit, code, message, ms, costUsd },
  ],
  'step-wait': ({ step, visit, wait, ms }) => ['info', { step, visit, wait: wait.type, ms }],
  'step-answer': ({ step, visit, answer }) => ['info', { step, visit, answer: answer.type }],
  'compensation-end': ({ step, visit, failure }) => [
    failure === undefined ? 'info' : 'error',
    { step, visit, code: failure?.code, message: failure?.message },
  ],
  signal: ({ id, name, receipt }) => ['info', { id, name, receipt }],
  'message-refused': ({ id, failure: { code, message } }) => ['warn', { id, code, message }],
  'run-end': ({ outcome }) => [levelOf(outcome), endOf(outcome)],
};

/** Those that only `debug` hears. */
const DEBUG_LINES: Lines = {
  'step-start': ({ step, visit }) => ['debug', { step, visit }],
  'step-end': ({ step, visit, ms, costUsd }) => ['debug', { step, visit, ms, costUsd }],
  'tool-start': ({ step, visit, tool, toolCallId }) => ['debug', { step, visit, tool, toolCallId }],
  'tool-end': ({ step, visit, tool, toolCallId, isError, ms }) => [
    'debug',
    { step, visit, tool, toolCallId, isError, ms },
  ],
  'compensation-start': ({ step, visit }) => ['debug', { step, visit }],
};

/** Writes down what runs tell, in the gateway's log. */
export function logRuns(events: EventEmitter<EngineEvents>, log: Log): void {
  const lines: Lines = log.hears('debug') ? { ...LINES, ...DEBUG_LINES } : LINES;
  for (const [type, lineOf] of Object.entries(lines) as [
    EngineEvent['type'],
    (event: EngineEvent) => Line,
  ][]) {
    events.on(type, (event: EngineEvent) => {
      const [level, fields] = lineOf(event);
      const { runId, afterMs } = event;
      if (log.hears(level)) log.write(level, { event: type, runId, afterMs, ...fields });
    });
  }
}

function levelOf({ status }: RunOutcome<unknown>): LogLevel {
  if (status === 'failed') return 'error';
  return status === 'degraded' ? 'warn' : 'info';
}

function endOf(outcome: RunOutcome<unknown>): LogFields {
  const { status, ms, withinBudget, spend } = outcome;
  const { knownUsd: costUsd, unpricedAttempts, calls, attempts } = spend;
  const failure = outcome.ok ? {} : { code: outcome.error.code, message: outcome.error.message };
  return { status, ...failure, ms, withinBudget, costUsd, unpricedAttempts, calls, attempts };
}
