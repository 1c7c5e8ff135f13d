import { table } from '../table.ts';
import type { PileReport } from './pile.ts';
import type { ShardReport } from './shard.ts';
import type { TraceReport } from './trace.ts';

export interface KillReport {
  readonly seed: number;
  readonly shard: ShardReport;
  readonly pile: PileReport;
  /** `null` where there is no strace. */
  readonly trace: TraceReport | null;
}

/** Longest that 1,000 waiting runs may take to be at work again. */
const RECOVERY_MS = 2_000;

/** Syncs beside those of the groups: a checkpoint syncs the log first, and there is one at opening and one at closing. */
const CHECKPOINTS = 2;

/** What fell short, one line each; none: all held. */
export function shortfalls({ shard, pile, trace }: KillReport): readonly string[] {
  const broken = Object.entries(shard.broken as unknown as Record<string, readonly string[]>);
  return [
    ...broken
      .filter(([, cases]) => cases.length > 0)
      .map(([promise, cases]) => `${promise}: ${cases.length}, e.g. ${cases.slice(0, 3).join(', ')}`),
    ...said(shard.succeeded === 0, 'no run succeeded, so nothing was shown'),
    ...said(shard.killsAtWork === 0, 'no kill met a run in flight, so nothing was shown'),
    ...said(pile.recovered < pile.runs, `${pile.recovered} of ${pile.runs} waiting runs were recovered`),
    ...said(!(pile.ms <= RECOVERY_MS), `recovery took ${Math.round(pile.ms)} ms of ${RECOVERY_MS}`),
    ...(trace === null ? [] : traceShortfalls(trace)),
  ];
}

function traceShortfalls({ told, syncs, groups, toldTooEarly }: TraceReport): readonly string[] {
  return [
    ...said(told === 0, 'the trace shows nothing that was told'),
    ...said(toldTooEarly > 0, `${toldTooEarly} of ${told} things were told before the sync`),
    ...said(groups === 0 || syncs < groups, `${syncs} syncs for ${groups} groups`),
    ...said(syncs > groups + CHECKPOINTS, `${syncs} syncs for ${groups} groups`),
  ];
}

const said = (wrong: boolean, text: string): readonly string[] => (wrong ? [text] : []);

export function reportText(report: KillReport): string {
  const { seed, shard, pile, trace } = report;
  const short = shortfalls(report);
  const promises = Object.entries(shard.broken as unknown as Record<string, readonly string[]>);
  return [
    ...table([
      ['kills', `${shard.kills} (${shard.killsAtWork} met runs in flight), seed ${seed}`],
      ['runs acknowledged', String(shard.acknowledged)],
      ['deeds in the ledger', String(shard.deeds)],
      ['ended', `${shard.succeeded} succeeded, ${shard.degraded} by way of a step in doubt`],
      ...promises.map(([promise, cases]) => [promise, String(cases.length)]),
      [`${pile.runs} waiting runs`, `${pile.recovered} recovered in ${Math.round(pile.ms)} ms`],
      ['syncs', trace === null ? 'not looked at: there is no strace here' : traceText(trace)],
    ]),
    '',
    ...(short.length === 0 ? ['All held.'] : ['FELL SHORT:', ...short]),
  ].join('\n');
}

function traceText({ told, syncs, groups, toldTooEarly }: TraceReport): string {
  return `${syncs} for ${groups} groups; ${told} things told, ${toldTooEarly} of them before the sync`;
}
