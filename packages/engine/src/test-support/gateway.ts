import { GatewayError, memoryLedger } from '@paceline/gateway';
import type { Gateway, GatewayEvents, ModelRequest, ModelResult } from '@paceline/gateway';
import { EventEmitter } from 'eventemitter3';
import { attempt } from './attempts.ts';

/** What a scripted gateway does with a call: a text, a whole or partial result, or its own way. */
export type Reply = string | Partial<ModelResult> | ((request: ModelRequest) => Promise<ModelResult>);

export interface ScriptedGateway extends Gateway {
  /** Every request in order. */
  readonly requests: readonly ModelRequest[];
}

/** A gateway that answers from a list, the last reply again and again. For tests of what the engine asks and makes of it. */
export function scriptedGateway(...replies: readonly Reply[]): ScriptedGateway {
  const events = new EventEmitter<GatewayEvents>();
  const requests: ModelRequest[] = [];
  return {
    requests,
    events,
    ledger: memoryLedger(),
    simulated: true,
    usable: () => ({ usable: true }),
    priceUsd: () => null,
    targets: () => [],
    health: () => ({ targets: [], retryBudget: 0, hedgeBudget: 0, loopDelayMs: 0, tenants: [] }),
    close: async () => {},
    stream: () => {
      throw new GatewayError('REQUEST_INVALID', 'A scripted gateway does not stream.');
    },
    async generate(request) {
      request.signal.throwIfAborted();
      const reply = replies[Math.min(requests.length, replies.length - 1)];
      requests.push(request);
      if (reply === undefined) throw new GatewayError('NO_TARGET_LEFT', 'The script is empty.');
      if (typeof reply === 'function') return reply(request);
      return resultOf(typeof reply === 'string' ? { text: reply } : reply);
    },
  };
}

/** A complete answer of one attempt that cost a cent, but for what is given. */
export function resultOf(given: Partial<ModelResult>): ModelResult {
  return {
    text: '',
    toolCalls: [],
    finishReason: 'stop',
    servedBy: 'a/one',
    usage: {
      inputTokens: 10,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 5,
      reasoningTokens: 0,
      source: 'reported',
    },
    costUsd: 0.01,
    savedUsd: 0,
    attempts: [attempt({ costUsd: 0.01 })],
    ms: 10,
    ...given,
  };
}
