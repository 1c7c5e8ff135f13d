import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { REPOSITORY_ROOT, sourceFiles, workspaceMembers, type WorkspaceMember } from './lib/workspace.ts';

/** A package may import only packages of an earlier row. Those of one row never import each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['resilience'],
  ['gateway', 'simulator'],
  ['engine'],
  ['cli'],
];

/** The simulator stands in for providers: tests may use it anywhere, shipped code only in these packages. */
const SIMULATOR_USERS = ['cli'];

/** Never shipped: a package's tests. */
const isTest = (file: string): boolean => /\.test(-d)?\.ts$|\/test-support\//.test(file);
/** Shipped for the tests of others: virtual clocks and conformance suites. */
const isTestKit = (file: string): boolean => /\/testing\.ts$|conformance/.test(file);

/**
 * Import specifiers of a module. Reading lines is enough because the formatter puts every import at the start of a
 * line with its `from` on the same line or on the line of the closing brace.
 */
export function importsOf(source: string): readonly string[] {
  const statements = /^(?:import|export|\})(?:[^'"\n]*\bfrom)? '([^']+)'/gm;
  const expressions = /\bimport\('([^']+)'\)/g;
  return [...source.matchAll(statements), ...source.matchAll(expressions)].flatMap((match) => match[1] ?? []);
}

/** `@paceline/gateway/testing` is of `@paceline/gateway`; `paceline/testing` is of `paceline`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly from: WorkspaceMember;
  /** The workspace member imported; undefined for an outside package. */
  readonly to: WorkspaceMember | undefined;
}

function relativeImportFault({ file, specifier, from }: Import): string | undefined {
  const target = posix.join(posix.dirname(file), specifier);
  return target.startsWith(`${from.folder}/`)
    ? undefined
    : `leaves ${from.folder} by a relative path; import the package by its name`;
}

function declarationFault(
  { file, specifier, from }: Import,
  rootTools: ReadonlySet<string>,
): string | undefined {
  const name = packageOf(specifier);
  const { dependencies, peerDependencies, devDependencies, optionalDependencies } = from.manifest;
  const shipped = { ...dependencies, ...peerDependencies, ...optionalDependencies };
  if (name === from.manifest.name || name in shipped) return undefined;
  const inTest = isTest(file) || from.manifest.private === true;
  if (inTest && (rootTools.has(name) || name in (devDependencies ?? {}))) return undefined;
  return `'${name}' is not declared in ${from.folder}/package.json${inTest ? '' : ' as a (peer) dependency'}`;
}

const rowOf = (id: string): number => LAYERS.findIndex((row) => row.includes(id));

function layerFault({ file, from, to }: Import): string | undefined {
  if (to === undefined || to === from || !from.folder.startsWith('packages/')) return undefined;
  if (rowOf(from.id) < 0 || rowOf(to.id) < 0) return `'${from.id}' or '${to.id}' has no place in LAYERS`;
  // The simulator stands on resilience, so even resilience's tests cannot use it.
  if (to.id === 'simulator' && from.id !== 'resilience') {
    const allowed = SIMULATOR_USERS.includes(from.id) || isTest(file) || isTestKit(file);
    return allowed ? undefined : 'only tests and the cli may import the simulator';
  }
  return rowOf(to.id) < rowOf(from.id)
    ? undefined
    : `'${from.id}' may not import '${to.id}': imports go downwards`;
}

function importFault(found: Import, rootTools: ReadonlySet<string>): string | undefined {
  if (found.specifier.startsWith('node:')) return undefined;
  if (found.specifier.startsWith('.')) return relativeImportFault(found);
  if (/\/(src|dist)\//.test(found.specifier) && found.to !== undefined)
    return 'reaches past the package index';
  return layerFault(found) ?? declarationFault(found, rootTools);
}

/** A cycle between packages by what their manifests declare, tests included; undefined when there is none. */
export function packageCycle(members: readonly WorkspaceMember[]): readonly string[] | undefined {
  const byName = new Map(members.map((member) => [member.manifest.name, member]));
  const finished = new Set<string>();
  const visit = (member: WorkspaceMember, path: readonly string[]): readonly string[] | undefined => {
    const name = member.manifest.name;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (finished.has(name)) return undefined;
    for (const next of Object.keys({ ...member.manifest.dependencies, ...member.manifest.devDependencies })) {
      const below = byName.get(next);
      const cycle = below && visit(below, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(name);
    return undefined;
  };
  for (const member of members) {
    const cycle = visit(member, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Every breach of the layers below `root`, as `file: 'specifier' reason`. */
export function checkLayers(root: string): readonly string[] {
  const members = workspaceMembers(root);
  const byName = new Map(members.map((member) => [member.manifest.name, member]));
  const tools = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies?: object };
  const rootTools = new Set(Object.keys(tools.devDependencies ?? {}));
  const faults: string[] = [];
  for (const from of members) {
    for (const file of sourceFiles(root, `${from.folder}/**/*.ts`)) {
      for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'))) {
        const fault = importFault({ file, specifier, from, to: byName.get(packageOf(specifier)) }, rootTools);
        if (fault !== undefined) faults.push(`${file}: '${specifier}' ${fault}`);
      }
    }
  }
  const cycle = packageCycle(members);
  return cycle === undefined ? faults : [...faults, `package cycle: ${cycle.join(' → ')}`];
}

if (import.meta.main) {
  const faults = checkLayers(REPOSITORY_ROOT);
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'layers: clean' : `layers: ${faults.length} fault(s)`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
