import { isSimulatorError } from './errors.ts';
import { parseFault } from './scenario/parse-fault.ts';
import type { FateQuestion } from './fate.ts';

/** What takes the place of the scenario's rules for a request that names its own fault; nothing where it names none. */
export type AskedRules = Partial<Pick<FateQuestion, 'rules' | 'source'>>;

/**
 * The fault a request asks for: in the header `x-paceline-fault: cut;afterTokens=40`, or, for clients that cannot set
 * headers, after the model's name: `gpt-5-mini+cut;afterTokens=40`. The header wins. `times` counts the requests to the
 * provider that ask for exactly this.
 */
export function askedFault(
  header: string | undefined,
  model: string,
): AskedRules | { readonly invalid: string } {
  const spec = header ?? /\+(.*)$/.exec(model)?.[1];
  if (spec === undefined) return {};
  try {
    return { rules: [parseFault(spec)], source: `asked ${spec}` };
  } catch (error) {
    if (!isSimulatorError(error)) throw error;
    return { invalid: `x-paceline-fault: ${error.message}` };
  }
}

/** The model's own name. */
export function withoutFault(model: string): string {
  return model.replace(/\+.*$/, '');
}
