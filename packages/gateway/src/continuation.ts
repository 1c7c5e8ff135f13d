import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Call, Journey } from './call.ts';
import type { Collected } from './collect.ts';
import type { Target } from './targets.ts';
import { WIRES } from './wire/wires.ts';

/** Text that has been shown, and what another attempt adds to it. */
export interface Joint {
  /** The answer so far, as the model is told it. */
  readonly soFar: string;
  /** Everything shown, the added text included. */
  readonly text: string;
  /** Takes what the model adds; returns what of it is to be shown. */
  take(added: string): string;
}

/**
 * Claude models up to 4.5 go on from an assistant message that ends the prompt; later ones refuse it, and so do other providers, or
 * they begin again without saying so (Anthropic, "Prefill Claude's response").
 */
const GOES_ON = /\/claude-(3|(opus|sonnet|haiku)-4(-[015])?(-\d{8})?(@|$))/;

/**
 * What the next attempt goes on from; `null` where it has to start over: on a route that does not want it, for a target not known to
 * do it, for answers that are more than text, and after a continuation that failed.
 */
export function jointFor(target: Target, { cutText, attempts }: Journey, call: Call): Joint | null {
  const { answer, tools = [] } = call.request;
  if (cutText === '' || !call.route.continuation || call.onText === undefined) return null;
  if (answer.type !== 'text' || tools.length > 0) return null;
  if (target.provider.wire !== WIRES.anthropic || !GOES_ON.test(target.name)) return null;
  return attempts.some(({ kind }) => kind === 'continuation') ? null : createJoint(cutText);
}

/** The provider refuses a message that ends in white space, so the model is not told of it, and what it adds must not repeat it. */
function createJoint(shown: string): Joint {
  const soFar = shown.trimEnd();
  let text = shown;
  let atBlank = soFar.length < shown.length;
  return {
    soFar,
    get text() {
      return text;
    },
    take(added) {
      const rest = atBlank ? added.trimStart() : added;
      if (rest !== '') atBlank = false;
      text += rest;
      return rest;
    },
  };
}

export function withAnswerSoFar(
  options: LanguageModelV4CallOptions,
  { soFar }: Joint,
): LanguageModelV4CallOptions {
  const answer = { role: 'assistant' as const, content: [{ type: 'text' as const, text: soFar }] };
  return { ...options, prompt: [...options.prompt, answer] };
}

/** What an attempt has collected, as part of the whole answer. */
export function joined(collected: Collected, joint: Joint | null): Collected {
  return joint === null ? collected : { ...collected, text: joint.text };
}
