import {
  createGateway,
  isGatewayError,
  missingCredentials,
  missingPackages,
  modelWarnings,
} from '@paceline/gateway';
import type { Gateway, GatewayConfig } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createEngine } from 'paceline';
import type { Engine, SqliteJournal } from 'paceline';
import { configFor } from './config-file.ts';
import type { ConfigPlace } from './config-file.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { withLog } from './log-options.ts';
import type { LogOptions } from './log-options.ts';
import { withModelsFile } from './models/models-file.ts';
import { routeProblems } from './routes.ts';
import type { NeededRoutes } from './routes.ts';

export interface ComposeOptions extends ConfigPlace, LogOptions {
  readonly seed: number;
  readonly virtual: boolean;
  /** False: each call gets one attempt at its route's first target. */
  readonly failover: boolean;
  /** Rows about to run; `Infinity` if nobody knows. Minimum 1. */
  readonly rows: number;
  /** What the workflow asks of the config. */
  readonly needed: NeededRoutes;
  /** Stays the caller's to close. @default runs, and how long their steps took, are forgotten with the process */
  readonly journal?: SqliteJournal | undefined;
}

/** A gateway and an engine that are ready, and the time they live in. */
export interface Composition {
  readonly gateway: Gateway;
  readonly engine: Engine;
  readonly clock: Clock;
  /** Whether another process can go on with what is left unfinished. */
  readonly resumable: boolean;
  /** Waits for `work` of this engine: with a virtual clock somebody has to move time meanwhile. */
  settle<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * The composition root: config, clock, chance, gateway, engine.
 * @throws CliError `CONFIG_UNUSABLE`
 */
export async function compose(options: ComposeOptions, io: Io): Promise<Composition> {
  const { seed, virtual, rows, journal } = options;
  const virtualClock = virtual ? createVirtualClock() : undefined;
  const clock = virtualClock ?? io.clock;
  // Seeded only where everything repeats: real processes must not all back off in the same rhythm.
  const random = virtual ? seededRandom(seed) : io.random;
  const { config: loaded, name } = await configFor(
    { ...options, needsModels: options.needed.size > 0 },
    { clock, random, seed, virtual, rows, env: io.env },
    io,
  );
  const known = withModelsFile(loaded, io);
  const lasting = journal === undefined ? known : { ledger: journal.ledger, ...known };
  const config = options.failover ? lasting : withoutFailover(lasting);
  const gateway = await openGateway(withLog(config, options, io), name);
  const refusal = refusalOf(gateway, config, { ...options, name });
  if (refusal !== undefined) {
    await gateway.close();
    throw refusal;
  }
  const missing = missingCredentials(config);
  if (missing.length > 0) {
    io.stderr.write(`Not in the environment: ${missing.join(', ')}. Models that need it are passed over.\n`);
  }
  const packages = missingPackages(config);
  if (packages.length > 0) {
    io.stderr.write(
      `Not installed: ${packages.join(', ')}. Models that need it are passed over (pnpm add ${packages.join(' ')}).\n`,
    );
  }
  for (const warning of gateway.simulated ? [] : modelWarnings(config)) io.stderr.write(`${warning}\n`);
  const engine = createEngine({ gateway, clock, random, ...(journal !== undefined && { journal }) });
  const settle = <T>(work: Promise<T>): Promise<T> => virtualClock?.run(work) ?? work;
  return {
    gateway,
    engine,
    clock,
    resumable: journal !== undefined,
    settle,
    async close() {
      await settle(engine.close());
      await gateway.close();
    },
  };
}

/** @throws CliError `CONFIG_UNUSABLE` */
export async function openGateway(config: GatewayConfig, name: string): Promise<Gateway> {
  try {
    return createGateway(config);
  } catch (error) {
    // What the config started for this run, a simulator say, would keep the process alive.
    await config.onClose?.();
    if (isGatewayError(error)) throw new CliError('CONFIG_UNUSABLE', `${name}: ${error.message}`, error);
    throw error;
  }
}

/** Why nothing could come of it, although the config is a good one. */
function refusalOf(
  gateway: Gateway,
  config: GatewayConfig,
  { virtual, needed, name }: Pick<ComposeOptions, 'virtual' | 'needed'> & { readonly name: string },
): CliError | undefined {
  if (virtual && !gateway.simulated && gateway.targets().length > 0) {
    return new CliError(
      'USAGE',
      '--virtual moves no real provider: it needs a config whose providers are simulated.',
    );
  }
  const problems = routeProblems(needed, gateway, config);
  if (problems.length === 0) return undefined;
  return new CliError('CONFIG_UNUSABLE', `${name}:\n${problems.map((each) => `  ${each}`).join('\n')}`);
}

function withoutFailover(config: GatewayConfig): GatewayConfig {
  return { ...config, policy: { ...config.policy, failover: false } };
}
