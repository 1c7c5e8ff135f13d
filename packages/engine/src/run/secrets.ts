import type { AttemptRecord, SecretFinder } from '@paceline/gateway';
import { AbortReason } from '@paceline/resilience';
import type { Failure } from '../define/failure.ts';
import { EngineError } from '../errors.ts';
import { costOf } from './step-result.ts';
import type { StepResult } from './step-result.ts';

/** Finds a secret that any of them knows. */
export function anyFinder(...finders: readonly (SecretFinder | undefined)[]): SecretFinder | undefined {
  const known = finders.filter((finder) => finder !== undefined);
  if (known.length === 0) return undefined;
  return (text) => {
    for (const finder of known) {
      const name = finder(text);
      if (name !== null) return name;
    }
    return null;
  };
}

/**
 * What is recorded stands in the journal as it is, so a known secret is refused, and never rewritten.
 * @param where what is to be recorded, for the message
 * @throws EngineError `SECRET_IN_STATE`, which names the secret and does not tell it
 */
export function assertNoSecret(value: unknown, where: string, secretIn: SecretFinder | undefined): void {
  const found = secretOf(value, where, secretIn);
  if (found !== undefined) throw new EngineError('SECRET_IN_STATE', found.message);
}

/** The same as a failure; undefined if there is none. */
export function secretOf(
  value: unknown,
  where: string,
  secretIn: SecretFinder | undefined,
): Failure | undefined {
  const name = secretIn?.(JSON.stringify(value)) ?? null;
  if (name === null) return undefined;
  const told = 'What is recorded is kept as it is: leave secrets to the code that uses them.';
  return { code: 'SECRET_IN_STATE', message: `${where} holds the secret \`${name}\`. ${told}` };
}

/** A run is cancelled whatever the reason says; a reason that may not be recorded is not. */
export function withoutSecretReason(reason: AbortReason, secretIn: SecretFinder | undefined): AbortReason {
  const found = secretOf(reason.message, 'The reason', secretIn);
  return found === undefined ? reason : new AbortReason(reason.abortCause, found.message);
}

/** How a visit ends in the journal: with a failure, if its output, its failure or what is known of its attempts holds a secret. */
export function withoutSecret(
  result: StepResult,
  step: string,
  secretIn: SecretFinder | undefined,
): StepResult {
  const what = 'output' in result ? 'output' : 'failure' in result ? 'failure' : 'question';
  const found = secretOf(result, `The ${what} of \`${step}\``, secretIn);
  if (found === undefined) return result;
  const attempts = result.attempts.map((attempt) => silentIf(attempt, secretIn));
  return { ok: false, failure: { ...found, step }, ...costOf(result), attempts };
}

/** An attempt counts and costs, whatever its provider said. */
function silentIf({ message, ...attempt }: AttemptRecord, secretIn: SecretFinder | undefined): AttemptRecord {
  const isSilent = message === undefined || (secretIn?.(message) ?? null) !== null;
  return isSilent ? attempt : { ...attempt, message };
}
