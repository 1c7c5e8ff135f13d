import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What goes wrong, or where the key stands, when `paceline run` is called in a process of its own. */
export const CLI_CASES = ['refusal', 'workflow-throws', 'prompt', 'config-throws', 'input', 'label'] as const;

export type CliCase = (typeof CLI_CASES)[number];

export interface CliOutlets {
  readonly stdout: string;
  readonly stderr: string;
  /** Of the log and the journal. */
  readonly files: string;
}

const PACELINE = join(import.meta.dirname, '../../../packages/cli/src/main.ts');

/** Calls the command with a key in its environment. */
export function callPaceline(name: CliCase, key: string): CliOutlets {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-canary-cli-'));
  const input = JSON.stringify({ text: name === 'input' ? `It is ${key}.` : 'Well?' });
  const journal = ['--journal', join(folder, 'runs.db')];
  const log = ['--log', 'debug', '--log-file', join(folder, 'run.log')];
  const label = name === 'label' ? ['--label', `team=${key}`] : [];
  const args = [PACELINE, 'run', 'flow.ts', '--input', input, '--json', ...journal, ...log, ...label];
  const env = { ...process.env, CANARY_API_KEY: key, CANARY_CASE: name };
  try {
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: import.meta.dirname,
      env,
      encoding: 'latin1',
    });
    const files = readdirSync(folder).map((entry) => readFileSync(join(folder, entry), 'latin1'));
    return { stdout, stderr, files: files.join('\n') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
