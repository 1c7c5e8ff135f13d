import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './lib/command.ts';
import { publishedPackages, REPOSITORY_ROOT } from './lib/workspace.ts';

// Each package compiles against the declarations of those below it, so the order is theirs. `pnpm pack` adds the
// root's LICENSE and swaps in `publishConfig.exports`; nothing else needs copying.
for (const { folder } of publishedPackages(REPOSITORY_ROOT)) {
  rmSync(join(REPOSITORY_ROOT, folder, 'dist'), { recursive: true, force: true });
  const built = await runCommand('tsc', ['-p', `${folder}/tsconfig.build.json`], { cwd: REPOSITORY_ROOT });
  if (built.code !== 0) {
    console.error(built.output);
    console.error(`build: ${folder} failed`);
    process.exit(1);
  }
  console.log(`built ${folder} in ${Math.round(built.ms)} ms`);
}
