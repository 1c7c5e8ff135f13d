import type { KeyConfig, ProviderConfig } from '../config.ts';
import type { Connection } from './connect.ts';
import type { HostDefaults, SignIn } from './hosts.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What is known of a provider when its account is looked for. */
export interface Described {
  /** Its entry in the config. */
  readonly own: Exclude<ProviderConfig, { model: unknown }> | undefined;
  /** Its line in the table of known hosts. */
  readonly host: HostDefaults | undefined;
}

/** Where requests go, and as whom. */
export interface Account {
  /** `{NAME}` in it stands for an environment variable. */
  readonly baseUrl: string;
  readonly keyVariable: string | null;
  /** What may stand in for the key. */
  readonly signIn: SignIn | null;
  readonly headers: Record<string, string>;
}

/**
 * Credentials stay with their origin. A default key goes to its default base URL alone, never to one that the config names, and
 * what an entry's key and headers say is passed on to its endpoints at the origin of the entry's own base URL, never to another.
 * @returns undefined when neither the config nor the table has a base URL
 */
export function accountOf({ own, host }: Described, endpoint: string | null): Account | undefined {
  const baseUrl = own?.baseUrl ?? host?.baseUrl;
  const defaults = own?.baseUrl === undefined ? host : undefined;
  const configured = variableOf(own?.apiKey);
  const particular = endpoint === null ? undefined : own?.endpoints?.[endpoint];
  if (particular?.baseUrl === undefined) {
    if (baseUrl === undefined) return undefined;
    const named = variableOf(particular?.apiKey) ?? variableOf(keyOf(own, endpoint)?.apiKey) ?? configured;
    return {
      baseUrl,
      keyVariable: named ?? defaults?.keyVariable ?? null,
      signIn: named === undefined ? (defaults?.signIn ?? null) : null,
      headers: { ...own?.headers, ...particular?.headers },
    };
  }
  const atHome = baseUrl !== undefined && sameOrigin(baseUrl, particular.baseUrl);
  return {
    baseUrl: particular.baseUrl,
    keyVariable: variableOf(particular.apiKey) ?? (atHome ? configured : undefined) ?? null,
    signIn: null,
    headers: { ...(atHome && own?.headers), ...particular.headers },
  };
}

/** One key of several, which have the address of their provider in common. */
export function keyOf(own: Described['own'], endpoint: string | null): KeyConfig | undefined {
  return endpoint === null ? undefined : own?.keys?.[endpoint];
}

/** A base URL with variables in it is the origin of nothing yet. */
function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && new URL(a).origin === new URL(b).origin;
}

const variableOf = (reference: string | undefined): string | undefined => reference?.slice('env:'.length);

/** The variable that an account needs and the environment lacks, the first if there are several; `null` if none. */
export function missingVariable(account: Account, env: Env): string | null {
  const { baseUrl, keyVariable, signIn } = account;
  const signedIn = signIn?.required.every((name) => isSet(env[name])) === true;
  const needed = [...(keyVariable === null || signedIn ? [] : [keyVariable]), ...variablesIn(baseUrl)];
  return needed.find((name) => !isSet(env[name])) ?? null;
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';

/** What an adapter is told of an account. */
export function connectionTo(
  { baseUrl, keyVariable, signIn, headers }: Account,
  env: Env,
): Pick<Connection, 'baseUrl' | 'apiKey' | 'headers' | 'variables'> {
  return {
    baseUrl: baseUrl.replaceAll(VARIABLE, (_, name: string) => env[name] ?? ''),
    apiKey: keyVariable === null ? undefined : env[keyVariable],
    headers,
    variables: valuesOf([...variablesIn(baseUrl), ...signInVariables(signIn)], env),
  };
}

const VARIABLE = /\{(\w+)\}/g;

function variablesIn(baseUrl: string): readonly string[] {
  return [...baseUrl.matchAll(VARIABLE)].map(([, name = '']) => name);
}

function signInVariables(signIn: SignIn | null): readonly string[] {
  return signIn === null ? [] : [...signIn.required, ...signIn.optional];
}

function valuesOf(names: readonly string[], env: Env): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']).filter(([, value]) => value !== ''));
}

/** Headers that hold credentials, by their usual names. */
const CREDENTIAL_HEADER = /auth|key|token|secret|cookie/i;

function inHeaders(headers: Account['headers']): Readonly<Record<string, string>> {
  const named = Object.entries(headers).filter(([header]) => CREDENTIAL_HEADER.test(header));
  return Object.fromEntries(
    named.map(([header, value]) => [header, value.slice(value.lastIndexOf(' ') + 1)]),
  );
}

/** Reads all values of an account that must never leave the process. Asked for each event, so what does not change is made ready. */
export function secretsOf({ keyVariable, signIn, headers }: Account, env: Env): () => readonly string[] {
  const fixed = [...Object.values(headers), ...Object.values(inHeaders(headers))];
  const names = [...(keyVariable === null ? [] : [keyVariable]), ...signInVariables(signIn)];
  return () => [...fixed, ...names.map((name) => env[name] ?? '')];
}

/** The credentials of an account, by variable or header; those in headers without their scheme. */
export function credentialsOf(
  { keyVariable, signIn, headers }: Account,
  env: Env,
): Readonly<Record<string, string>> {
  return {
    ...inHeaders(headers),
    ...(keyVariable !== null && { [keyVariable]: env[keyVariable] ?? '' }),
    ...valuesOf(signInVariables(signIn), env),
  };
}
