import type { Provider } from './registry.ts';

/** What keeps a provider from being called at all, with the command that mends it; `null` if nothing does. */
export function whatIsMissing(provider: Provider): string | null {
  const key = provider.missingKey();
  if (key !== null) return `${key} is not in the environment (${exportOf(key)})`;
  const name = provider.missingPackage();
  return name === null ? null : `${name} is not installed (${installOf(name)})`;
}

/** The command that sets a variable. */
export const exportOf = (variable: string): string => `export ${variable}=...`;

/** The command that installs a package. */
const installOf = (name: string): string => `pnpm add ${name}`;
