import type { Role } from '../request.ts';
import type { ModelInfo } from './model-info.ts';

/** What a model must be known to have. What nobody knows of a model does not count in its favour. */
export interface ModelFilter {
  readonly provider?: string;
  /** One that suits it: see `suits`. */
  readonly role?: Role;
  /** US dollars for a million tokens of prompt, at most. */
  readonly maxInputUsd?: number;
  /** US dollars for a million tokens of answer, at most. */
  readonly maxOutputUsd?: number;
  readonly minContextTokens?: number;
  readonly tools?: boolean;
}

/** A `classify` step is called most often and asks least: what costs more than this for a million tokens of prompt is dear for it. */
const CLASSIFY_MAX_INPUT_USD = 0.5;

/** @param unknown whether what nobody knows of a model counts in its favour @default false */
export function matchesModel(info: ModelInfo, filter: ModelFilter, unknown = false): boolean {
  const { provider, role, maxInputUsd, maxOutputUsd, minContextTokens, tools = false } = filter;
  return (
    (provider === undefined || info.provider === provider) &&
    (role === undefined || suits(info, role, unknown)) &&
    isAtMost(inputUsdOf(info), maxInputUsd, unknown) &&
    isAtMost(outputUsdOf(info), maxOutputUsd, unknown) &&
    (minContextTokens === undefined ||
      (info.contextTokens?.value ?? (unknown ? Infinity : 0)) >= minContextTokens) &&
    (!tools || (info.tools?.value ?? unknown))
  );
}

/** `classify`: cheap. `reason`: it reasons before it answers. `execute`: it calls tools. */
function suits(info: ModelInfo, role: Role, unknown: boolean): boolean {
  switch (role) {
    case 'classify':
      return isAtMost(inputUsdOf(info), CLASSIFY_MAX_INPUT_USD, unknown);
    case 'reason':
      return info.reasoning?.value ?? unknown;
    case 'execute':
      return info.tools?.value ?? unknown;
  }
}

/** US dollars for a million tokens of prompt; `null` if nobody knows. */
export function inputUsdOf(info: ModelInfo): number | null {
  return usdOf(info, 'input_mtok');
}

/** US dollars for a million tokens of answer; `null` if nobody knows. */
export function outputUsdOf(info: ModelInfo): number | null {
  return usdOf(info, 'output_mtok');
}

function usdOf({ prices }: ModelInfo, unit: string): number | null {
  return prices?.value.find((dimension) => dimension.unit === unit)?.usd ?? null;
}

function isAtMost(usd: number | null, most: number | undefined, unknown: boolean): boolean {
  if (most === undefined) return true;
  return usd === null ? unknown : usd <= most;
}
