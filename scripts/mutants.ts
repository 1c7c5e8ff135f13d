import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyRepository, editFault, runAllTests, runTests, type Mutant } from './lib/mutant.ts';
import { REPOSITORY_ROOT } from './lib/workspace.ts';
import { MUTANTS } from './mutants/index.ts';

type Verdict = 'killed' | 'survived' | 'broken' | 'stale';

interface Result {
  readonly name: string;
  readonly verdict: Verdict;
  readonly ms: number;
  /** The test that killed it, or why it was not killed. */
  readonly detail: string;
}

/** Puts one fault into the copy, runs its tests, and takes the fault out again. */
async function tryMutant(mutant: Mutant, copy: string): Promise<Result> {
  const path = join(copy, mutant.file);
  const source = readFileSync(path, 'utf8');
  const fault = editFault(mutant, source);
  if (fault !== undefined) return { name: mutant.name, verdict: 'stale', ms: 0, detail: fault };
  writeFileSync(
    path,
    source.replace(mutant.find, () => mutant.replace),
  );
  try {
    const { verdict, ms, failures } = await runTests(copy, mutant.tests);
    const { name, rule } = mutant;
    if (verdict === 'green') return { name, verdict: 'survived', ms, detail: `no test defends: ${rule}` };
    return { name, verdict: verdict === 'red' ? 'killed' : 'broken', ms, detail: failures.join('\n') };
  } finally {
    writeFileSync(path, source);
  }
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const chosen = MUTANTS.filter(({ name }) => values.only === undefined || name.includes(values.only));
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

const copy = copyRepository(REPOSITORY_ROOT);
const results: Result[] = [];
let baseline = 'broken';
try {
  // A test that fails anyway would kill every mutant.
  const before = await runAllTests(copy, chosen);
  baseline = before.verdict;
  if (before.verdict !== 'green') {
    console.error(`The tests do not pass unchanged:\n${before.failures.join('\n')}`);
  } else {
    say(`baseline green in ${(before.ms / 1000).toFixed(1)} s`);
    for (const mutant of chosen) {
      const result = await tryMutant(mutant, copy);
      results.push(result);
      say(
        `${result.verdict.padEnd(8)} ${result.name} (${(result.ms / 1000).toFixed(1)} s)\n         ${result.detail}`,
      );
    }
  }
} finally {
  rmSync(copy, { recursive: true });
}

const killed = results.filter((result) => result.verdict === 'killed').length;
const ok = baseline === 'green' && killed === chosen.length && killed > 0;
if (values.json) console.log(JSON.stringify({ ok, baseline, mutants: chosen.length, killed, results }));
else say(`${killed} of ${chosen.length} mutants killed`);
process.exitCode = ok ? 0 : 1;
