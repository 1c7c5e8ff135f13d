import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from './lib/command.ts';
import { publishedPackages, readManifest, REPOSITORY_ROOT, type WorkspaceMember } from './lib/workspace.ts';

/** Packs what `pnpm publish` would send, because `publishConfig.exports` applies only there. */
async function pack(member: WorkspaceMember, into: string): Promise<string> {
  const before = new Set(readdirSync(into));
  const packed = await runCommand('pnpm', ['pack', '--pack-destination', into], {
    cwd: join(REPOSITORY_ROOT, member.folder),
  });
  const tarball = readdirSync(into).find((name) => !before.has(name));
  if (packed.code !== 0 || tarball === undefined) throw new Error(`pnpm pack failed:\n${packed.output}`);
  return join(into, tarball);
}

/** What is wrong with one tarball: its listing, publint's and attw's findings. */
async function tarballFaults(tarball: string): Promise<readonly string[]> {
  const options = { cwd: REPOSITORY_ROOT, env: { NO_COLOR: '1' } };
  const [listing, publint, attw] = await Promise.all([
    runCommand('tar', ['-tzf', tarball], options),
    runCommand('publint', ['run', tarball, '--strict'], options),
    runCommand('attw', [tarball, '--profile', 'esm-only', '--no-emoji'], options),
  ]);
  const files = listing.stdout.split('\n');
  const missing = ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']
    .filter((name) => !files.includes(`package/${name}`))
    .map((name) => `the tarball lacks ${name}`);
  const strays = files
    .filter((name) => /\.test(-d)?\.|^package\/src\//.test(name))
    .map((name) => `the tarball holds ${name}`);
  const reports = [publint, attw].filter((report) => report.code !== 0).map((report) => report.output);
  return [...missing, ...strays, ...reports];
}

/**
 * Lays the tarballs out as an installation would: each package under `node_modules`, with its outside dependencies
 * linked from the workspace. Nothing is downloaded.
 */
async function layOut(tarballs: ReadonlyMap<WorkspaceMember, string>, into: string): Promise<void> {
  const own = new Set([...tarballs.keys()].map((member) => member.manifest.name));
  for (const [member, tarball] of tarballs) {
    const home = join(into, 'node_modules', member.manifest.name);
    mkdirSync(home, { recursive: true });
    await runCommand('tar', ['-xzf', tarball, '--strip-components=1', '-C', home], { cwd: into });
    const { dependencies, peerDependencies } = member.manifest;
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (own.has(name)) continue;
      const link = join(home, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(realpathSync(join(REPOSITORY_ROOT, member.folder, 'node_modules', name)), link);
    }
  }
}

/** Imports every entry point of the installed packages with plain Node; the ones that fail, with Node's words. */
async function importFaults(members: Iterable<WorkspaceMember>, home: string): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { manifest } of members) {
    const installed = readManifest(join(home, 'node_modules', manifest.name, 'package.json'));
    for (const [entry, target] of Object.entries(installed.exports ?? {})) {
      if (typeof target === 'string') continue;
      const specifier = manifest.name + entry.slice(1);
      const script = `const m = await import('${specifier}'); if (Object.keys(m).length === 0) process.exit(3)`;
      const run = await runCommand('node', ['--input-type=module', '-e', script], { cwd: home });
      if (run.code !== 0) faults.push(`import('${specifier}') failed with ${run.code}:\n${run.output}`);
    }
  }
  return faults;
}

async function main(): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'paceline-packages-'));
  try {
    const tarballs = new Map<WorkspaceMember, string>();
    let faults = 0;
    const report = (title: string, found: readonly string[]): void => {
      faults += found.length;
      console.log(`${found.length === 0 ? 'ok   ' : 'FAULT'} ${title}`);
      for (const fault of found) console.error(fault);
    };
    for (const member of publishedPackages(REPOSITORY_ROOT)) {
      tarballs.set(member, await pack(member, scratch));
      report(`${member.manifest.name}: shape and types`, await tarballFaults(tarballs.get(member) ?? ''));
    }
    await layOut(tarballs, scratch);
    report('every entry point can be imported', await importFaults(tarballs.keys(), scratch));
    return faults === 0 ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

process.exitCode = await main();
