import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { recordCases } from '../packages/engine/src/test-support/recorded-journal.ts';
import { REPOSITORY_ROOT } from './lib/workspace.ts';

const folder = join(REPOSITORY_ROOT, 'packages/engine/fixtures/journals/next');
const path = join(folder, 'runs.db');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const runs = await recordCases(path);
// Empty, as every journal that was closed: all it could vouch for is in the file.
rmSync(`${path}.anchor`);
console.log(`Recorded ${runs} runs in ${path}.`);
// Runs that were left in the middle wait for ever.
process.exit(0);
