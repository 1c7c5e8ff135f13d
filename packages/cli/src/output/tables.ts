import { formatDuration } from '../duration.ts';
import type { Summary } from '../summary.ts';
import type { Style } from './style.ts';
import type { StepWatch, Watch } from './watch.ts';

const BAR_WIDTH = 24;

const LISTED_REASONS = 8;

/** `████████░░░░░░░░`: `share` from 0 to 1, more is drawn as full. */
export function bar(share: number, width = BAR_WIDTH): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** Two digits from a dollar on; below it as many as it takes to tell the price of one small call from nothing. */
export function formatUsd(usd: number): string {
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(usd > 0 && usd < 0.01 ? 6 : 4)}`;
}

/** Each step's median and 95th percentile, the latter drawn against what the step may take. */
export function stepTable(steps: readonly StepWatch[], style: Style): readonly string[] {
  const width = Math.max(4, ...steps.map(({ name }) => name.length));
  const header = `${'step'.padEnd(width)}   done  failed       p50       p95    budget`;
  return [style.dim(header), ...steps.map((step) => stepLine(step, width, style))];
}

function stepLine(step: StepWatch, width: number, style: Style): string {
  const { done, failed, budgetMs, ms } = step;
  const [p50Ms, p95Ms] = [ms.quantile(0.5), ms.quantile(0.95)];
  const share = ms.samples === 0 ? 0 : p95Ms / budgetMs;
  const failures = String(failed).padStart(8);
  const drawn = bar(share, 12);
  return [
    step.name.padEnd(width),
    String(done).padStart(7),
    failed > 0 ? style.yellow(failures) : failures,
    ` ${time(p50Ms).padStart(9)}`,
    ` ${time(p95Ms).padStart(9)}`,
    ` ${time(budgetMs).padStart(9)}`,
    '  ',
    share > 0.9 ? style.yellow(drawn) : style.green(drawn),
  ].join('');
}

function time(ms: number | null): string {
  return ms === null || Number.isNaN(ms) ? '-' : formatDuration(ms);
}

/** Known cost, by provider. */
export function costLine(usdByProvider: ReadonlyMap<string, number>, unpriced: number): string {
  const parts = [...usdByProvider].map(([name, usd]) => `${name} ${formatUsd(usd)}`);
  const totalUsd = [...usdByProvider.values()].reduce((sum, usd) => sum + usd, 0);
  const unknown = unpriced > 0 ? `   (${unpriced} attempts of unknown price not counted)` : '';
  return `cost ${formatUsd(totalUsd)}   ${parts.join('   ')}${unknown}`.trimEnd();
}

/** What is printed when a batch is over. */
export function summaryTable(summary: Summary, watch: Watch, style: Style): readonly string[] {
  const { runs, succeeded, withinBudget, degraded, failed, left = 0 } = summary;
  const share = (count: number) => (runs === 0 ? '' : `${((100 * count) / runs).toFixed(1)} %`.padStart(9));
  const line = (name: string, count: number) =>
    `${name.padEnd(16)}${String(count).padStart(6)}${share(count)}`;
  return [
    style.bold(`${'runs'.padEnd(16)}${String(runs).padStart(6)}`),
    style.green(line('succeeded', succeeded)),
    degraded > 0 ? style.yellow(line('degraded', degraded)) : line('degraded', degraded),
    failed > 0 ? style.red(line('failed', failed)) : line('failed', failed),
    ...(left > 0 ? [style.yellow(`${'left alone'.padEnd(16)}${String(left).padStart(6)}`)] : []),
    line('within budget', withinBudget),
    '',
    `run time   p50 ${time(summary.p50Ms)}   p95 ${time(summary.p95Ms)}   p99 ${time(summary.p99Ms)}`,
    ...spendLines(summary, watch),
    ...(summary.p50Ms === null ? [] : ['', ...stepTable(watch.steps, style)]),
    ...failureLines(watch.failures, style),
    ...footnotes(summary, style),
  ];
}

/** Why steps failed, the most frequent reasons first. */
function failureLines(failures: Watch['failures'], style: Style): readonly string[] {
  const frequent = [...failures].toSorted(([, a], [, b]) => b - a).slice(0, LISTED_REASONS);
  return frequent.map(([reason, count]) => style.yellow(`${String(count).padStart(6)} × ${reason}`));
}

/** What is printed about a single run: its steps so far as it came, nothing if it did not begin. */
export function runTable(summary: Summary, watch: Watch, style: Style): readonly string[] {
  if (summary.p50Ms === null) return [];
  const visited = watch.steps.filter(({ ms }) => ms.samples > 0);
  return [
    `took ${time(summary.p50Ms)}${summary.degraded > 0 ? ', degraded' : ''}`,
    ...spendLines(summary, watch),
    ...(visited.length === 0 ? [] : ['', ...stepTable(visited, style)]),
    ...footnotes(summary, style),
  ];
}

function spendLines(summary: Summary, watch: Watch): readonly string[] {
  const { calls, attempts, failovers, retries, savedUsd } = summary;
  return [
    `calls ${calls}   attempts ${attempts}   failovers ${failovers}   retries ${retries}${hedges(watch)}`,
    costLine(watch.usdByProvider, watch.unpriced),
    ...savedLine(savedUsd),
  ];
}

/** Only where something was read from a provider's prompt cache, or written to it. */
function savedLine(savedUsd: number): readonly string[] {
  if (savedUsd === 0) return [];
  return savedUsd > 0
    ? [`prompt caches saved ${formatUsd(savedUsd)}`]
    : [`prompt caches cost ${formatUsd(-savedUsd)} more than they saved`];
}

/** Only where a route hedges. */
function hedges(watch: Watch): string {
  return watch.hedges === 0 ? '' : `   hedges ${watch.hedges}`;
}

const SIMULATED =
  'The providers were simulated: no model was asked. The cost is what these tokens cost at list price.';

function footnotes({ simulated, traceHash }: Summary, style: Style): readonly string[] {
  return [
    ...(simulated ? ['', style.cyan(SIMULATED)] : []),
    ...(traceHash === undefined ? [] : [style.dim(`trace ${traceHash}`)]),
  ];
}
