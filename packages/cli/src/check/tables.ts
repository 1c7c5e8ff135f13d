import type { Finding, Path, StepCheck, WorkflowCheck } from 'paceline';
import { formatDuration } from '../duration.ts';
import { columns } from '../output/columns.ts';
import type { Style } from '../output/style.ts';
import { bar } from '../output/tables.ts';
import { printable } from '../output/text.ts';

/** How a check is shown. */
export interface Shown {
  readonly style: Style;
  /** False: there was no config, so nothing can be said about routes. */
  readonly routes: boolean;
}

/** Where the time of a workflow goes, then what was found. */
export function checkTable(checked: WorkflowCheck, { style, routes }: Shown): readonly string[] {
  const { workflowId, budgetMs, cheapest, longest, steps, findings } = checked;
  return [
    style.bold(`${printable(workflowId)}   budget ${formatDuration(budgetMs)}`),
    ...(cheapest === null ? [] : [pathLine('cheapest', cheapest, budgetMs)]),
    ...(longest === null ? [] : [pathLine('longest', longest, budgetMs)]),
    '',
    ...stepLines(steps, style),
    '',
    ...findings.flatMap((each) => findingLines(each, style)),
    ...(routes ? [] : ['No config, so routes and keys were not looked at. --config names one.']),
    countLine(findings, style),
  ];
}

/** What is said of a workflow that no run could be started of. */
export function refusalTable(problems: readonly string[], style: Style): readonly string[] {
  return [
    ...problems.map((problem) => `${style.red('error')}    ${printable(problem)}`),
    style.red(`Refused: ${counted(problems.length, 'error')}.`),
  ];
}

function pathLine(name: string, { ms, legs }: Path, budgetMs: number): string {
  const way = legs.map((leg) => `${printable(leg.step ?? 'delay')} ${formatDuration(leg.ms)}`);
  const share = `${name.padEnd(9)} ${formatDuration(ms).padStart(9)}  ${bar(ms / budgetMs, 12)}`;
  return `${share}  ${way.join(', ')}`.trimEnd();
}

function stepLines(steps: readonly StepCheck[], style: Style): readonly string[] {
  const rows = steps.map(({ step, kind, route, usualMs, source, floorMs, limitMs }) => [
    printable(step),
    kind,
    printable(route ?? ''),
    source === 'unknown' ? '?' : formatDuration(usualMs),
    source === 'unknown' ? '' : source,
    formatDuration(floorMs),
    formatDuration(limitMs),
  ]);
  const header = ['step', 'kind', 'route', 'usually', '', 'kept for later', 'at most'];
  const [head = '', ...lines] = columns([header, ...rows], new Set([3, 5, 6]));
  return [style.dim(head), ...lines];
}

function findingLines({ code, severity, message, mend }: Finding, style: Style): readonly string[] {
  const paint = severity === 'error' ? style.red : style.yellow;
  return [`${paint(severity.padEnd(7))}  ${code}  ${printable(message)}`, style.dim(`         ${mend}`)];
}

function countLine(findings: readonly Finding[], style: Style): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (findings.length === 0) return style.green('Nothing found.');
  const text = `${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}.`;
  return errors > 0 ? style.red(text) : style.yellow(text);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
