import type { Spend } from 'paceline';
import { formatUsd } from './tables.ts';

/** What a run's cost is told by, each with its parts, the dearest first. Nothing for a run that asked no model. */
export function breakdownOf({ attempts, byProvider, byTarget, byStep }: Spend): readonly [string, string][] {
  if (attempts === 0) return [];
  return [
    ['by provider', partsOf(byProvider)],
    ['by model', partsOf(byTarget)],
    ['by step', partsOf(byStep)],
  ];
}

function partsOf(parts: Readonly<Record<string, number>>): string {
  const dearest = Object.entries(parts).toSorted(([, a], [, b]) => b - a);
  return dearest.map(([name, usd]) => `${name} ${formatUsd(usd)}`).join('   ');
}
