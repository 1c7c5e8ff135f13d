import { pathToFileURL } from 'node:url';
import { register } from 'tsx/esm/api';

let registered = false;

/**
 * A user's module: JavaScript, or TypeScript of any dialect through tsx. It is loaded under its plain URL, so what it
 * imports is the same instance that this process already has.
 * @returns its default export, `undefined` without one
 * @throws whatever the module throws, and Node's own error if there is none
 */
export async function loadDefaultExport(path: string): Promise<unknown> {
  if (!registered) {
    register();
    registered = true;
  }
  const loaded = (await import(pathToFileURL(path).href)) as Exports;
  const exported = loaded.default;
  return isCommonJs(exported) ? exported.default : exported;
}

interface Exports {
  readonly default?: unknown;
}

/** Where no `"type": "module"` is near, tsx makes CommonJS of a file, and its exports arrive as one default export. */
function isCommonJs(exported: unknown): exported is Exports {
  return typeof exported === 'object' && exported !== null && '__esModule' in exported;
}
