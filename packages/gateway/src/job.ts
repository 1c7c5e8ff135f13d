import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { LinkedController } from '@paceline/resilience';
import { rounds } from './call.ts';
import { withAnswerSoFar } from './continuation.ts';
import type { AttemptJob } from './attempt.ts';
import type { Journey, Scope, TextSource } from './call.ts';
import type { Joint } from './continuation.ts';
import type { Entry } from './next-entry.ts';
import type { Hold } from './spend/hold.ts';

/** What sets one attempt apart from those beside it. */
export interface JobParts {
  /** 1 for the first of the call. */
  readonly number: number;
  /** Ends this attempt alone. */
  readonly scope: LinkedController;
  /** Text it goes on from; `null`: it starts from the beginning. */
  readonly joint: Joint | null;
  /** True while this attempt is the one whose content counts; the first content of all decides which that is. */
  readonly counts: () => boolean;
  /** Another attempt's content counts. */
  readonly superseded: () => boolean;
}

/** The attempt that `entry` stands for, ready to be made. */
export function jobFor(
  { candidate, target, kind, hold }: Entry,
  parts: JobParts,
  at: Scope & { journey: Journey },
): AttemptJob {
  const { call, journey } = at;
  const { request, promptTokens, route, startedMs, onText } = call;
  const options = boundedBy(hold, call.options);
  const { number, joint, counts } = parts;
  // Text that goes on from what is shown supersedes nothing.
  const after = joint === null ? (journey.last?.verdict.code ?? null) : null;
  const source: TextSource = { attempt: number, target: target.name, after };
  return {
    request,
    options: joint === null ? options : withAnswerSoFar(options, joint),
    promptTokens,
    target,
    hold,
    number,
    kind: joint === null ? kind : 'continuation',
    reason: candidate.reason,
    limits: { ...route.limits, ...request.limits },
    promptCache: request.promptCache ?? route.promptCache ?? target.provider.promptCache,
    last: rounds(journey) + 1 >= route.attempts,
    alone: journey.lineup.length === 1,
    callStartedMs: startedMs,
    scope: parts.scope,
    superseded: parts.superseded,
    onFirstContent: counts,
    onText:
      onText &&
      ((text) => {
        const shown = joint === null ? text : joint.take(text);
        if (shown !== '' && counts()) onText(shown, source);
      }),
  };
}

/** What is held for an attempt rests on an output limit, so one is sent. */
function boundedBy({ outputTokens }: Hold, options: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  if (outputTokens === null || options.maxOutputTokens !== undefined) return options;
  return { ...options, maxOutputTokens: outputTokens };
}
