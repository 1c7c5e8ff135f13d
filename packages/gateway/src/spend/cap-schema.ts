import { z } from 'zod';
import type { CapConfig } from './cap-config.ts';
import { capName, parseWindow } from './caps.ts';

/** The largest cap, in US dollars: what is kept and held exactly goes up to nine times as much. */
export const MOST_USD = 1_000_000;

const usd = z.number().nonnegative().max(MOST_USD);
const PER = /^(all|call|run|route|credential|tenant|label:.+)$/s;

export const capSchema = z.strictObject({
  per: z
    .string()
    .regex(
      PER,
      'Expected `all`, `call`, `run`, `route`, `credential`, `tenant` or a label, e.g. `label:team`.',
    ),
  only: z.string().optional(),
  window: z
    .string()
    .refine(
      (text) => parseWindow(text) !== null,
      'Expected `hour`, `day` or `month`, or at least a minute, e.g. `24h`.',
    )
    .optional(),
  usd: usd.optional(),
  softUsd: usd.optional(),
  name: z.string().min(1).optional(),
});

/** What caps of the right shape may still get wrong. */
export function capProblems(caps: readonly CapConfig[] = []): readonly string[] {
  const names = caps.map(capName);
  return caps.flatMap((cap, at) => {
    const own = problemsOf(cap);
    const repeated = names.indexOf(capName(cap)) !== at;
    const all = repeated ? [...own, `two caps are called \`${capName(cap)}\`. Give one a \`name\`.`] : own;
    return all.map((problem) => `caps[${at}]: ${problem}`);
  });
}

function problemsOf({ per, only, window, usd: hard, softUsd }: CapConfig): readonly string[] {
  const problems: string[] = [];
  if (hard === undefined && softUsd === undefined) problems.push('needs `usd`, `softUsd` or both.');
  if (hard !== undefined && softUsd !== undefined && softUsd >= hard)
    problems.push('`softUsd` has to be below `usd`.');
  if (window !== undefined && (per === 'call' || per === 'run'))
    problems.push(`a ${per} ends by itself. Leave \`window\` out.`);
  if (softUsd !== undefined && (per === 'call' || per === 'credential'))
    problems.push(`a cap per ${per} is hard. Leave \`softUsd\` out.`);
  if (only !== undefined && (per === 'all' || per === 'call'))
    problems.push(`a cap per ${per} holds for all. Leave \`only\` out.`);
  return problems;
}
