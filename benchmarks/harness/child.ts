import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs one sample in a process of its own, so that no subject inherits another's heap, compiled code or open handles.
 * The script prints its result as one line of JSON, the last one.
 */
export async function sampleInChild<T>(
  script: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Promise<T> {
  const { stdout } = await execute(process.execPath, [...nodeOptions, script, ...args], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}
