import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { runCommand } from './command.ts';
import { workspaceMembers } from './workspace.ts';

/** A named fault: one edit that breaks one rule, and the tests that must notice. */
export interface Mutant {
  /** `area/what-is-wrong`, unique. */
  readonly name: string;
  /** The rule that the edit breaks, as a sentence. */
  readonly rule: string;
  /** Relative to the root. */
  readonly file: string;
  /** Occurs exactly once in `file`. */
  readonly find: string;
  readonly replace: string;
  /** Test files, or folders of them, to run; at least one test must fail. */
  readonly tests: readonly string[];
}

/** Why the edit cannot be made, or undefined. */
export function editFault(mutant: Mutant, source: string): string | undefined {
  const found = source.split(mutant.find).length - 1;
  if (found !== 1) return `its text occurs ${found} times in ${mutant.file}`;
  return mutant.find === mutant.replace ? 'it changes nothing' : undefined;
}

/** What vitest's JSON reporter is read for. */
interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    /** Why the file itself failed to load; empty otherwise. */
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface TestOutcome {
  /** `broken`: no test ran, or files failed to load. Neither proves anything. */
  readonly verdict: 'green' | 'red' | 'broken';
  readonly ms: number;
  /** The tests that failed, and the files that could not be loaded. */
  readonly failures: readonly string[];
}

/** A mutant may make a test wait for ever. Each is many times what the slowest test, the slowest filter, and all of them together take. */
const TEST_LIMIT_MS = 20_000;
const LIMIT_MS = 120_000;
const LIMIT_OF_ALL_MS = 900_000;

/** Runs the tests of all mutants, none of which is there. */
export function runAllTests(root: string, mutants: readonly Mutant[]): Promise<TestOutcome> {
  const filters = [...new Set(mutants.flatMap(({ tests }) => tests))];
  return runTests(root, filters, LIMIT_OF_ALL_MS);
}

/** Runs the tests that match the filters in `root`. A hang counts as a failed test. */
export async function runTests(
  root: string,
  filters: readonly string[],
  limitMs = LIMIT_MS,
): Promise<TestOutcome> {
  const report = join(root, 'mutant-report.json');
  const args = ['run', '--bail=1', `--testTimeout=${TEST_LIMIT_MS}`, '--typecheck.enabled=false'];
  const reporter = ['--reporter=json', `--outputFile=${report}`];
  writeFileSync(report, '{}');
  const run = await runCommand('vitest', [...args, ...reporter, ...filters], {
    cwd: root,
    limitMs,
  });
  const counts = JSON.parse(readFileSync(report, 'utf8')) as Partial<TestReport>;
  const failed = run.timedOut || (counts.numFailedTests ?? 0) > 0;
  const passed = run.code === 0 && (counts.numPassedTests ?? 0) > 0;
  const failures = run.timedOut ? [`nothing ended within ${limitMs} ms`] : failuresIn(counts, root);
  return { verdict: failed ? 'red' : passed ? 'green' : 'broken', ms: run.ms, failures };
}

function failuresIn({ testResults = [] }: Partial<TestReport>, root: string): readonly string[] {
  return testResults.flatMap(({ name: path, message, assertionResults }) => {
    const name = relative(root, path);
    return [
      ...(message === '' ? [] : [`${name}: ${message}`]),
      ...assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName }) => `${name}: ${fullName}`),
    ];
  });
}

/** Links what is installed for one folder: outside packages to the original, workspace packages to their copies. */
function linkModules(from: string, to: string, roots: { original: string; copy: string }): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.startsWith('@')) linkModules(join(from, name), join(to, name), roots);
    else if (!name.startsWith('.')) {
      const target = realpathSync(join(from, name));
      const inside = relative(roots.original, target);
      const isMember = !inside.startsWith('..') && !inside.split(sep).includes('node_modules');
      symlinkSync(isMember ? join(roots.copy, inside) : target, join(to, name));
    }
  }
}

const LEFT_OUT = new Set(['node_modules', '.git', 'dist', '.paceline']);

/** A scratch copy of the repository in which workspace packages resolve to each other's copies. Returns its folder. */
export function copyRepository(original: string): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'paceline-mutants-')));
  cpSync(original, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(path.split(sep).at(-1) ?? '') });
  for (const folder of ['', ...workspaceMembers(original).map((member) => member.folder)]) {
    const installed = join(original, folder, 'node_modules');
    // A package without dependencies has none.
    if (existsSync(installed)) linkModules(installed, join(copy, folder, 'node_modules'), { original, copy });
  }
  return copy;
}
