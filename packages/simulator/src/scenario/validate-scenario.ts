import {
  atLeastOne,
  count,
  flag,
  invalid,
  listOf,
  milliseconds,
  objectWith,
  oneOf,
  positive,
  range,
  recordOf,
  share,
  text,
  zeroOrMore,
} from './checks.ts';
import { FAULTS } from '../faults.ts';
import { objectOf } from '../json.ts';
import type { Check, Field } from './checks.ts';
import type { Fault, FaultParameters } from '../faults.ts';
import type { FaultRule, Scenario } from './scenario.ts';

const PARAMETERS: Readonly<Record<keyof FaultParameters, Field>> = {
  afterTokens: { check: count },
  afterMs: { check: milliseconds },
  forMs: { check: milliseconds },
  resumes: { check: flag },
  pingEveryMs: { check: positive },
  pingWith: { check: oneOf(['ping', 'comment', 'empty-delta', 'reasoning', 'byte']) },
  firstTokenMs: { check: milliseconds },
  retryAfterMs: { check: milliseconds },
  errorShare: { check: share },
  slowdown: { check: positive },
  downMs: { check: milliseconds },
  upMs: { check: milliseconds },
  endMarker: { check: flag },
};

const CONDITIONS: Readonly<Record<Exclude<keyof FaultRule, keyof FaultParameters>, Field>> = {
  fault: { check: oneOf(Object.keys(FAULTS)), required: true },
  probability: { check: share },
  rows: { check: range },
  models: { check: listOf(text) },
  keys: { check: listOf(text) },
  step: { check: text },
  attempts: { check: listOf(atLeastOne) },
  turns: { check: listOf(count) },
  times: { check: atLeastOne },
  betweenMs: { check: range },
};

/** Names the fault's own settings when somebody gives it another's. */
export const checkFaultRule: Check = (rule, path) => {
  objectWith({ ...CONDITIONS, ...PARAMETERS })(rule, path);
  const { fault, ...settings } = rule as FaultRule;
  const { parameters }: Fault = FAULTS[fault];
  const foreign = Object.keys(settings).find(
    (name) => name in PARAMETERS && !parameters.some((own) => own === name),
  );
  if (foreign !== undefined) {
    invalid(
      `${path}.${foreign}`,
      `"${fault}" does not read it; it reads ${parameters.join(', ') || 'no settings'}`,
    );
  }
};

const latency: Check = (model, path) => {
  objectWith({
    firstTokenMs: {
      check: objectWith({
        p50: { check: positive, required: true },
        p95: { check: positive, required: true },
        floor: { check: milliseconds },
      }),
      required: true,
    },
    tokensPerSecond: { check: positive, required: true },
  })(model, path);
  const { p50, p95 } = objectOf(objectOf(model)['firstTokenMs']);
  if (Number(p50) > Number(p95))
    invalid(`${path}.firstTokenMs`, `p95 (${p95}) must not be below p50 (${p50})`);
};

const rateLimit: Check = (limit, path) => {
  objectWith({ requestsPerMinute: { check: positive }, tokensPerMinute: { check: positive } })(limit, path);
  if (Object.keys(objectOf(limit)).length === 0) {
    invalid(path, 'expected requestsPerMinute, tokensPerMinute, or both');
  }
};

const capacity = objectWith({
  perSecond: { check: positive, required: true },
  maxQueued: { check: count },
  changes: {
    check: listOf(
      objectWith({
        betweenMs: { check: range, required: true },
        factor: { check: zeroOrMore, required: true },
      }),
    ),
  },
});

const promptCache = objectWith({ minTokens: { check: count }, keepMs: { check: milliseconds } });

const provider: Check = (value, path) => {
  if (!/^[\w-][\w.-]*$/.test(path.slice('scenario.providers.'.length))) {
    invalid(path, 'a provider\'s name stands in URLs: use letters, digits, "-", "_" and "."');
  }
  objectWith({
    wire: { check: oneOf(['openai', 'anthropic', 'google']), required: true },
    latency: { check: latency },
    models: { check: recordOf(latency) },
    faults: { check: listOf(checkFaultRule) },
    answer: { check: text },
    prefill: { check: flag },
    requireKey: { check: flag },
    toolCallsAtOnce: { check: atLeastOne },
    rateLimit: { check: rateLimit },
    capacity: { check: capacity },
    promptCache: { check: promptCache },
  })(value, path);
};

/**
 * Checks a scenario from anywhere, such as a JSON file, and returns it.
 * @throws SimulatorError `SCENARIO_INVALID`, naming the field and the mend
 */
export function validateScenario(scenario: unknown): Scenario {
  objectWith({ providers: { check: recordOf(provider), required: true } })(scenario, 'scenario');
  return scenario as Scenario;
}
