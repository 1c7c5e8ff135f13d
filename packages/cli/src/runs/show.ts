import type { RunRecord, RunSummary, SqliteJournal } from 'paceline';
import { formatDuration } from '../duration.ts';
import { findRun } from '../find-run.ts';
import { widthOf } from '../io.ts';
import type { Io } from '../io.ts';
import { formatMoment } from '../moment.ts';
import { breakdownOf } from '../output/breakdown.ts';
import { columns } from '../output/columns.ts';
import { styleFor } from '../output/style.ts';
import { formatUsd } from '../output/tables.ts';
import { jsonText, printable, shorten } from '../output/text.ts';
import { askedText, saidText } from './asked.ts';
import { Timeline } from './timeline.ts';
import type { TimelineItem } from './timeline.ts';

export interface ShowRunOptions {
  /** The run's id, or the beginning of it. */
  readonly run: string;
  readonly json: boolean;
}

/** A run with everything that can be read out of its journal. */
interface ShownRun {
  readonly record: RunRecord;
  /** `null`: unfinished. */
  readonly endedEpochMs: number | null;
  /** Of the run's time, at its end or now, in milliseconds. Below 0 once it is over. */
  readonly leftMs: number;
  readonly timeline: readonly TimelineItem[];
  /** Runs that its steps started, in that order; not those that these started in turn. */
  readonly children: readonly RunSummary[];
  /** Whether a process works on it. */
  readonly attended: boolean;
  /** Messages that nobody has taken yet. */
  readonly unheard: number;
}

/** Prints all about one run. @throws CliError `RUN_UNKNOWN`; EngineError `JOURNAL_DAMAGED` */
export async function showRun(journal: SqliteJournal, { run, json }: ShowRunOptions, io: Io): Promise<void> {
  const { runId } = await findRun(journal, run);
  const shown = await readRun(journal, runId, io);
  if (shown === undefined) return;
  const { record, ...more } = shown;
  const lines = json ? [jsonText({ ...record, ...more })] : linesOf(shown, io);
  io.stdout.write(`${lines.join('\n')}\n`);
}

async function readRun(journal: SqliteJournal, runId: string, io: Io): Promise<ShownRun | undefined> {
  const record = await journal.load(runId);
  if (record === undefined) return undefined;
  const timeline = new Timeline(record);
  let lastEpochMs = record.startedEpochMs;
  for await (const entry of journal.entries(runId)) {
    // A live owner may have gone on since the record was read.
    if (entry.seq > record.seq) break;
    timeline.add(entry);
    // What comes to rest after the end is not the end.
    if (entry.event.type !== 'step-stopped') lastEpochMs = entry.atEpochMs;
  }
  const endedEpochMs = record.status === 'running' ? null : lastEpochMs;
  const atEpochMs = endedEpochMs ?? io.clock.epochMs();
  return {
    record,
    endedEpochMs,
    // A deadline that stands still has stood still since then.
    leftMs: record.expiresEpochMs - (record.waiting?.sinceEpochMs ?? atEpochMs),
    timeline: timeline.upTo(atEpochMs),
    children: await journal.list({ parentRunId: runId }),
    attended: journal.inbox.isAttended(runId),
    unheard: journal.inbox.waitingFor(runId).length,
  };
}

function linesOf(shown: ShownRun, io: Io): readonly string[] {
  const width = widthOf(io.stdout, 160);
  const { bold, dim } = styleFor(io.stdout, io.env);
  const [head = '', ...steps] = timelineLines(shown.timeline);
  return [
    bold(printable(shown.record.runId)),
    ...columns(factsOf(shown)).map((line) => shorten(line, width)),
    '',
    ...(steps.length === 0 ? [] : [dim(head), ...steps.map((line) => shorten(line, width))]),
    ...childLines(shown.children).map((line) => shorten(line, width)),
  ];
}

function childLines(children: readonly RunSummary[]): readonly string[] {
  if (children.length === 0) return [];
  const rows = children.map(({ runId, workflowId, status }) => [
    printable(runId),
    printable(workflowId),
    status,
  ]);
  return ['', 'child runs', ...columns(rows).map((line) => `  ${line}`)];
}

function workflowOf({ workflowId, workflowVersion, migratedFrom }: RunRecord): string {
  const version = workflowVersion === undefined ? '' : `, version ${workflowVersion}`;
  const from =
    migratedFrom === undefined ? '' : `, from version ${migratedFrom.version} at entry ${migratedFrom.seq}`;
  return `${workflowId}${version}${from}`;
}

function originOf({ forkedFrom }: RunRecord): string | undefined {
  return forkedFrom && `${forkedFrom.runId} at entry ${forkedFrom.seq}`;
}

function factsOf({
  record,
  endedEpochMs,
  leftMs,
  attended,
  unheard,
}: ShownRun): readonly (readonly [string, string])[] {
  const { status, startedEpochMs, labels, input, output, failure } = record;
  const marks = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const failed = failure && `${failure.code}${inStep(failure.step)}: ${failure.message}`;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['status', status === 'running' && !attended ? 'running, but nobody works on it' : status],
    ['workflow', workflowOf(record)],
    ['forked from', originOf(record)],
    ['started', formatMoment(startedEpochMs)],
    ['ended', endedEpochMs === null ? undefined : formatMoment(endedEpochMs)],
    ['took', endedEpochMs === null ? undefined : formatDuration(endedEpochMs - startedEpochMs)],
    ['deadline', `${totalOf(record)}, ${formatLeft(leftMs)}`],
    ['waits for', waitsOf(record)],
    ['not taken', unheard === 0 ? undefined : `${unheard} of what it was told`],
    ['spent', spendOf(record)],
    ...breakdownOf(record.spend),
    ['labels', marks.length === 0 ? undefined : marks.join(' ')],
    ['input', jsonText(input)],
    ['output', output === undefined ? undefined : jsonText(output)],
    ['failure', failed],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, printable(value)] as const]));
}

/** A run's time, and how much of what it spent waiting for people does not count. */
export function totalOf({
  startedEpochMs,
  expiresEpochMs,
  waiting,
}: Pick<RunRecord, 'startedEpochMs' | 'expiresEpochMs' | 'waiting'>): string {
  const waitedMs = waiting?.waitedMs ?? 0;
  const total = formatDuration(expiresEpochMs - startedEpochMs - waitedMs);
  return waitedMs === 0 ? total : `${total} and ${formatDuration(waitedMs)} of waiting`;
}

/** What people are asked, each with the step to answer. */
function waitsOf({ pending }: RunRecord): string | undefined {
  const waits = Object.values(pending).flatMap(({ invokeId, wait }) =>
    wait === undefined ? [] : [`${invokeId}: ${askedText(wait)}`],
  );
  return waits.length === 0 ? undefined : waits.join('  ');
}

function inStep(step: string | undefined): string {
  return step === undefined ? '' : ` in ${step}`;
}

function spendOf({ spend, capUsd }: RunRecord): string {
  const { knownUsd, unpricedAttempts, attempts, retries, failovers } = spend;
  const cap = capUsd === null ? '' : ` of ${formatUsd(capUsd)}`;
  const unknown = unpricedAttempts === 0 ? '' : ` and ${unpricedAttempts} attempts of unknown price`;
  return `${formatUsd(knownUsd)}${cap}${unknown}, ${attempts} attempts, ${retries} retries, ${failovers} failovers`;
}

function formatLeft(leftMs: number): string {
  return leftMs >= 0 ? `${formatDuration(leftMs)} left` : `over for ${formatDuration(-leftMs)}`;
}

const HEADER = ['at', 'took', 'step', 'visit', 'result', 'attempts', 'waited', 'cost', 'deadline'];

const NUMBERS: ReadonlySet<number> = new Set([0, 1, 3, 5, 6, 7]);

/** Tells what is no step apart from the steps. */
const PREFIX: Readonly<Partial<Record<TimelineItem['kind'], string>>> = {
  wait: '(wait) ',
  compensation: '(undo) ',
  answer: '(asked) ',
  signal: '(signal) ',
};

function timelineLines(items: readonly TimelineItem[]): readonly string[] {
  return columns([HEADER, ...items.map(cellsOf)], NUMBERS);
}

function cellsOf(item: TimelineItem): readonly string[] {
  const { kind, name, visit, startedAfterMs, endedAfterMs, result, failure } = item;
  const { attempts, waitedMs, costUsd, tools, leftMs, asked, answer } = item;
  const why = failure === undefined ? '' : `${failure.code}: ${failure.message}`;
  const called = tools === 0 ? '' : `${tools} tools`;
  const question = asked === undefined ? '' : askedText(asked);
  const said = answer === undefined ? '' : saidText(answer);
  return [
    formatDuration(startedAfterMs),
    endedAfterMs === null ? '' : formatDuration(endedAfterMs - startedAfterMs),
    printable(`${PREFIX[kind] ?? ''}${name}`),
    visit === null ? '' : String(visit),
    result,
    attempts === 0 ? '' : String(attempts),
    waitedMs === 0 ? '' : formatDuration(waitedMs),
    costUsd === null ? 'unknown' : attempts === 0 ? '' : formatUsd(costUsd),
    formatLeft(leftMs),
    printable([called, why, said, question].filter((text) => text !== '').join('  ')),
  ];
}
