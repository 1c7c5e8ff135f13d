import { isAbortReason } from '@paceline/resilience';
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { LinkedController } from '@paceline/resilience';
import { diagnose } from './diagnose.ts';
import { exchange } from './exchange.ts';
import { isTellingSilence, usualFirstChunkMs, watchdogLimits } from './limits.ts';
import { savedUsd } from './meter/saved.ts';
import { usageOf } from './meter/usage.ts';
import { cachedPrompt } from './prompt-cache/cached-prompt.ts';
import { verdictOf } from './verdict.ts';
import type { Collected } from './collect.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Exchange } from './exchange.ts';
import type { Gate } from './gate.ts';
import type { LatencyView } from './ledger.ts';
import type { Cost } from './meter/price.ts';
import type { CachedPrompt } from './prompt-cache/cached-prompt.ts';
import type { AttemptLimits, ModelRequest, PromptCacheUse } from './request.ts';
import type { AttemptRecord, Usage } from './result.ts';
import type { PlanReason } from './route/plan.ts';
import type { Hold } from './spend/hold.ts';
import type { Target } from './targets.ts';

/** One upstream request to be made. */
export interface AttemptJob {
  readonly request: ModelRequest;
  /** The request in the AI SDK's terms. */
  readonly options: LanguageModelV4CallOptions;
  readonly promptTokens: number;
  readonly target: Target;
  readonly hold: Hold;
  /** 1 for the first of the call. */
  readonly number: number;
  readonly kind: AttemptRecord['kind'];
  /** Why this target, of its route's. */
  readonly reason: PlanReason;
  readonly limits: AttemptLimits;
  readonly promptCache: PromptCacheUse;
  /** No further attempt is left to this call. */
  readonly last: boolean;
  /** No other target is left to it. */
  readonly alone: boolean;
  readonly callStartedMs: number;
  /** Ends this attempt alone; follows the caller's signal. */
  readonly scope: LinkedController;
  /** Another attempt was quicker. */
  readonly superseded: () => boolean;
  readonly onFirstContent: () => void;
  readonly onText: ((text: string) => void) | undefined;
}

export interface Attempted {
  readonly record: AttemptRecord;
  readonly collected: Collected;
  readonly usage: Usage | null;
  /** `null`: the answer is complete. */
  readonly diagnosis: Diagnosis | null;
}

const CALL_HEADER = 'x-paceline-call';

/** Makes one attempt: exchange, diagnosis, price, record. Never throws. */
export async function attempt(job: AttemptJob, gate: Gate): Promise<Attempted> {
  const { request, target, number, scope, onFirstContent, onText } = job;
  const { clock, latencies, emit } = gate;
  const startedAfterMs = clock.nowMs() - job.callStartedMs;
  const firstChunks = latencies.firstChunk(target.name, job.promptTokens);
  const { kind, reason } = job;
  emit('attempt-start', { call: request.call, target: target.name, attempt: number, kind, reason });

  const tapped = target.provider.wire !== null;
  const limits = watchdogLimits(job.limits, {
    clock,
    deadline: request.deadline,
    firstChunks,
    last: job.last,
    alone: job.alone,
    seesHeaders: tapped,
  });
  const prompt = promptOf(job, gate);
  const done = await exchange(
    { target, options: identified(job, prompt.options), limits, scope, onFirstContent, onText },
    gate,
  );

  const epochMs = clock.epochMs();
  const diagnosis = stopped(done, job, firstChunks) ?? diagnose({ ...done, tapped, epochMs });
  // The service tier in it is the provider's own words.
  const usage = gate.redactor.value(usageIn(done, diagnosis, job));
  learn(done, { job, complete: diagnosis === null, usage }, gate);
  if (diagnosis === null) prompt.answered();
  const cost: Cost = usage === null ? NOTHING_SPENT : target.price(usage, epochMs);
  if (usage !== null) target.used(usage);
  const record: AttemptRecord = {
    attempt: number,
    kind,
    target: target.name,
    reason,
    startedAfterMs,
    ms: done.ms,
    firstChunkMs: done.firstChunkMs,
    usage,
    costUsd: cost.usd,
    costSource: cost.source,
    priceTable: cost.table,
    savedUsd: savedUsd(usage, target.price, epochMs),
    ...(done.evidence.status !== null && { status: done.evidence.status }),
    ...endOf(diagnosis, target, gate),
  };
  job.hold.settle(record);
  emit('attempt-end', { call: request.call, record });
  gate.log?.attempt(request, record);
  return { record, collected: done.collected, usage, diagnosis };
}

interface Lesson {
  readonly job: AttemptJob;
  readonly complete: boolean;
  readonly usage: Usage | null;
}

/** Remembers how fast the target was. */
function learn({ ms, firstChunkMs }: Exchange, { job, complete, usage }: Lesson, { latencies }: Gate): void {
  const { promptTokens, target } = job;
  if (complete && firstChunkMs !== null) {
    const outputTokens = usage?.outputTokens ?? 0;
    latencies.record(target.name, { promptTokens, firstChunkMs, restMs: ms - firstChunkMs, outputTokens });
  }
  // It would have taken longer still. Left out, every hedge would make what is late seem earlier.
  if (job.superseded() && firstChunkMs === null) {
    latencies.record(target.name, { promptTokens, firstChunkMs: ms, restMs: 0, outputTokens: 0 });
  }
}

const NOTHING_SPENT: Cost = { usd: 0, table: null, source: 'computed' };

/** The request, with what tells the target's provider to keep its prompt. */
function promptOf(job: AttemptJob, gate: Gate): CachedPrompt {
  const { request, promptTokens, options, target, promptCache } = job;
  const { format } = target.provider;
  return cachedPrompt(
    { prompt: request, promptTokens, options, target: target.name, format, use: promptCache },
    gate.prompts,
  );
}

function identified(
  { request, target, number }: AttemptJob,
  options: LanguageModelV4CallOptions,
): LanguageModelV4CallOptions {
  if (!target.provider.identifyCalls) return options;
  const { runId, step, turn } = request.call;
  return { ...options, headers: { [CALL_HEADER]: `${runId}/${step}/${turn}/${number}` } };
}

function endOf(
  diagnosis: Diagnosis | null,
  target: Target,
  gate: Gate,
): Pick<AttemptRecord, 'outcome' | 'code' | 'remedy' | 'message'> {
  if (diagnosis === null) return { outcome: 'ok' };
  const { code, remedy } = diagnosis.verdict;
  const { keyVariable } = target.provider;
  const whose = code === 'AUTH_REJECTED' && keyVariable !== null ? `The key in ${keyVariable}: ` : '';
  return {
    outcome: code === 'CANCELLED' ? 'cancelled' : 'error',
    code,
    remedy,
    message: gate.redactor.message(`${whose}${diagnosis.message}`),
  };
}

/** An attempt that we ended ourselves: stalled, out of time, or no longer wanted. */
function stopped(done: Exchange, job: AttemptJob, firstChunks: LatencyView | null): Diagnosis | null {
  if (done.error === undefined) return null;
  const { signal } = job.request;
  const ms = Math.round(done.ms);
  if (job.superseded()) {
    return {
      verdict: verdictOf('CANCELLED'),
      message: `Given up after ${ms} ms: another attempt was quicker.`,
    };
  }
  if (done.stalled !== null && done.stalled !== 'total') {
    const what = done.stalled === 'answer' ? 'No answer, only thoughts,' : 'Nothing';
    const message = `${what} came within the ${done.stalled} limit; given up after ${ms} ms.`;
    const verdict = verdictOf('PROVIDER_STALLED');
    const telling = done.firstChunkMs !== null || isTellingSilence(done.ms, job.limits, firstChunks);
    return { verdict: telling ? verdict : { ...verdict, breaker: 'ignored' }, message };
  }
  if (done.stalled === 'total' || (signal.aborted && isDeadline(signal.reason))) {
    const verdict = verdictOf('DEADLINE_EXCEEDED');
    // A deadline shorter than the target usually needs says nothing about the target.
    const silent = done.firstChunkMs === null && done.ms >= usualFirstChunkMs(job.limits, firstChunks);
    const message = `No complete answer before the deadline, after ${ms} ms.`;
    return { verdict: silent ? { ...verdict, breaker: 'failed' } : verdict, message };
  }
  return signal.aborted ? { verdict: verdictOf('CANCELLED'), message: `Cancelled after ${ms} ms.` } : null;
}

const isDeadline = (reason: unknown): boolean => isAbortReason(reason) && reason.abortCause === 'deadline';

/** `null` when the request cannot have reached the model, so that nothing is owed. */
function usageIn(
  { evidence, collected }: Exchange,
  diagnosis: Diagnosis | null,
  { target, promptTokens }: AttemptJob,
): Usage | null {
  const { status, sent, body, usage, stopReason } = evidence;
  const tapped = target.provider.wire !== null;
  const refused = (status !== null && (status < 200 || status > 299)) || body !== null || (tapped && !sent);
  if (refused || diagnosis?.verdict.code === 'PROVIDER_UNREACHABLE') return null;
  const said = { raw: usage, adapted: collected.usage, whole: !tapped || stopReason !== null };
  return usageOf(said, target.readUnits, { promptTokens, output: collected.text + collected.hidden });
}
