import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's root folder. */
export const REPOSITORY_ROOT = join(import.meta.dirname, '..', '..');

/** What the checks read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A folder with a package.json of its own, as `pnpm-workspace.yaml` lists them: packages, examples, benchmarks, ... */
export interface WorkspaceMember {
  /** Relative to the root, with forward slashes: `packages/engine`. */
  readonly folder: string;
  /** The last part of `folder`: `engine`. It is the name the layers are written in. */
  readonly id: string;
  readonly manifest: Manifest;
}

export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

export function workspaceMembers(root: string): readonly WorkspaceMember[] {
  const [, list = ''] =
    /^packages:\n((?: {2}- .+\n)+)/m.exec(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')) ?? [];
  return [...list.matchAll(/- (\S+)/g)]
    .map(([, pattern]) => pattern)
    .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }).toSorted())
    .map((path) => {
      const folder = path.slice(0, -'/package.json'.length);
      return { folder, id: folder.split('/').at(-1) ?? folder, manifest: readManifest(join(root, path)) };
    });
}

/** The packages that are published, lowest layer first, so that each is built after what it imports. */
export function publishedPackages(root: string): readonly WorkspaceMember[] {
  const members = workspaceMembers(root).filter((member) => member.manifest.private !== true);
  const byName = new Map(members.map((member) => [member.manifest.name, member]));
  const ordered = new Set<WorkspaceMember>();
  const visit = (member: WorkspaceMember): void => {
    for (const name of Object.keys(member.manifest.dependencies ?? {})) {
      const below = byName.get(name);
      if (below !== undefined && !ordered.has(below)) visit(below);
    }
    ordered.add(member);
  };
  for (const member of members) visit(member);
  return [...ordered];
}

/** Files below `root` that match a glob, relative, sorted, without what is installed or generated. */
export function sourceFiles(root: string, pattern: string): readonly string[] {
  const generated = new Set(['node_modules', 'dist', '.git', '.mutants', '.docs-check', '.packages-check']);
  return globSync(pattern, { cwd: root, exclude: (path) => generated.has(path.split('/').at(-1) ?? '') })
    .filter((path) => existsSync(join(root, path)))
    .toSorted();
}
