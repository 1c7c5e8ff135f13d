import { parseArgs } from 'node:util';
import { runCommand } from './lib/command.ts';
import { REPOSITORY_ROOT } from './lib/workspace.ts';

interface Check {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

const script = (name: string): readonly string[] => [`scripts/${name}.ts`];

/** In order of cost. `packages` reads what `build` wrote; everything else stands alone. */
const CHECKS: readonly Check[] = [
  { name: 'format', program: 'oxfmt', args: ['--check'] },
  { name: 'lint', program: 'oxlint', args: ['--deny-warnings'] },
  { name: 'layers', program: 'node', args: script('check-layers') },
  { name: 'types', program: 'tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'docs', program: 'node', args: script('check-docs') },
  { name: 'unused', program: 'knip', args: [] },
  { name: 'build', program: 'node', args: script('build') },
  { name: 'packages', program: 'node', args: script('check-packages') },
];

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

const results: { name: string; ok: boolean; ms: number }[] = [];
for (const { name, program, args } of CHECKS) {
  const run = await runCommand(program, args, { cwd: REPOSITORY_ROOT, env: { NO_COLOR: '1' } });
  const ok = run.code === 0;
  results.push({ name, ok, ms: Math.round(run.ms) });
  if (!ok) console.error(run.output.trimEnd());
  if (!values.json) console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(9)} ${(run.ms / 1000).toFixed(1)} s`);
}

const ok = results.every((result) => result.ok);
if (values.json) console.log(JSON.stringify({ ok, checks: results }));
process.exitCode = ok ? 0 : 1;
