import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runCommand } from './lib/command.ts';
import { anchorsOf, linksOf, typeScriptFences } from './lib/markdown.ts';
import { REPOSITORY_ROOT, sourceFiles } from './lib/workspace.ts';

/** Relative links and anchors that lead nowhere. */
export function linkFaults(root: string): readonly string[] {
  const faults: string[] = [];
  for (const page of sourceFiles(root, '**/*.md')) {
    for (const link of linksOf(readFileSync(join(root, page), 'utf8'))) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : posix.join(posix.dirname(page), decodeURIComponent(path));
      if (!existsSync(join(root, target))) faults.push(`${page}: the link ${link} leads nowhere`);
      else if (anchor !== undefined && target.endsWith('.md')) {
        const anchors = anchorsOf(readFileSync(join(root, target), 'utf8'));
        if (!anchors.includes(anchor)) faults.push(`${page}: ${target} has no heading #${anchor}`);
      }
    }
  }
  return faults;
}

/** Files that docs/request-path.md names but the tree lacks. `engine/run/run.ts` stands for `packages/engine/src/run/run.ts`. */
export function requestPathFaults(root: string): readonly string[] {
  const page = readFileSync(join(root, 'docs/request-path.md'), 'utf8');
  const named = new Set(page.match(/\b[a-z-]+(?:\/[\w.-]+)+\.ts\b/g));
  return [...named]
    .filter((path) => {
      const [first = '', ...rest] = path.split('/');
      return !existsSync(join(root, path)) && !existsSync(join(root, 'packages', first, 'src', ...rest));
    })
    .map((path) => `docs/request-path.md: there is no ${path}`);
}

/** The codes of every `X_ERRORS` table that a package exports from `errors.ts` or `error-codes.ts`. */
async function errorCodes(root: string): Promise<readonly string[]> {
  const codes = new Set<string>();
  for (const file of sourceFiles(root, 'packages/*/src/{errors,error-codes}.ts')) {
    const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>;
    for (const [name, table] of Object.entries(module)) {
      if (name.endsWith('_ERRORS')) for (const code of Object.keys(table as object)) codes.add(code);
    }
  }
  return [...codes];
}

/** Codes without a `### CODE` section in docs/errors.md, and sections or exits whose code no longer exists. */
export function errorFaults(
  codes: readonly string[],
  pages: { errors: string; requestPath: string },
): readonly string[] {
  const sections = [...pages.errors.matchAll(/^### `?([A-Z_]+)`?$/gm)].flatMap((match) => match[1] ?? []);
  const exits = pages.requestPath.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
  return [
    ...codes
      .filter((code) => !sections.includes(code))
      .map((code) => `docs/errors.md: no section for ${code}`),
    ...sections.filter((code) => !codes.includes(code)).map((code) => `docs/errors.md: ${code} is stale`),
    ...exits
      .filter((code) => !codes.includes(code))
      .map((code) => `docs/request-path.md: ${code} is no error code`),
  ];
}

/** Where a page's fences are compiled: beside the package whose README it is, else where every package resolves. */
const scratchFor = (page: string): string =>
  `${/^packages\/[^/]+\//.exec(page)?.[0] ?? 'examples/'}.docs-check`;

/** Type-checks every TypeScript fence as a module of its own; tsc's complaints with the page's file and line. */
async function fenceFaults(root: string): Promise<readonly string[]> {
  const placeOf = new Map<string, { page: string; line: number }>();
  const folders = new Set<string>();
  try {
    for (const page of sourceFiles(root, '**/*.md')) {
      for (const { line, code } of typeScriptFences(readFileSync(join(root, page), 'utf8'))) {
        const file = `${scratchFor(page)}/${page.replaceAll(/[/.]/g, '-')}-${line}.ts`;
        folders.add(dirname(file));
        mkdirSync(join(root, dirname(file)), { recursive: true });
        // The empty export makes a module of a fence that imports nothing.
        writeFileSync(join(root, file), `${code}\nexport {};\n`);
        placeOf.set(file, { page, line });
      }
    }
    const options = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
    const config = { extends: './tsconfig.base.json', compilerOptions: options, files: [...placeOf.keys()] };
    writeFileSync(join(root, 'tsconfig.docs-check.json'), JSON.stringify(config));
    const tsc = await runCommand('tsc', ['-p', 'tsconfig.docs-check.json', '--pretty', 'false'], {
      cwd: root,
    });
    if (tsc.code === 0) return [];
    return tsc.output.split('\n').map((text) => {
      const [, file = '', line = '0', rest] = /^(\S+\.ts)\((\d+),\d+\): (.*)$/.exec(text) ?? [];
      const place = placeOf.get(file);
      return place === undefined ? text : `${place.page}:${place.line + Number(line)}: ${rest}`;
    });
  } finally {
    rmSync(join(root, 'tsconfig.docs-check.json'), { force: true });
    for (const folder of folders) rmSync(join(root, folder), { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const root = REPOSITORY_ROOT;
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const pages = { errors: read('docs/errors.md'), requestPath: read('docs/request-path.md') };
  const faults = [
    ...linkFaults(root),
    ...requestPathFaults(root),
    ...errorFaults(await errorCodes(root), pages),
    ...(await fenceFaults(root)),
  ].filter((fault) => fault !== '');
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'docs: clean' : `docs: ${faults.length} fault(s)`);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
