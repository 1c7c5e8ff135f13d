import { isGatewayError } from '@paceline/gateway';
import type { Gateway, GatewayConfig } from '@paceline/gateway';
import { deadlineIn } from '@paceline/resilience';
import { openGateway } from '../compose.ts';
import type { Io } from '../io.ts';
import { columns } from '../output/columns.ts';
import { styleFor } from '../output/style.ts';
import { jsonText, printable } from '../output/text.ts';

export interface CheckModelsRequest {
  readonly config: GatewayConfig;
  /** Where the config stands, for messages. */
  readonly path: string;
  /** Of each target, in milliseconds. */
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** What came of asking one target. */
export interface Ping {
  readonly target: string;
  readonly ok: boolean;
  readonly ms: number;
  /** `null`: unknown. */
  readonly costUsd: number | null;
  /** Why it failed. */
  readonly code?: string;
  readonly message?: string;
}

/** What is asked: an answer of a word. Some providers refuse a smaller limit. */
const MOST_OUTPUT_TOKENS = 16;

/**
 * Makes one tiny call to each target of the config, through the gateway.
 * @returns the exit code: 1 if one failed
 */
export async function checkModels(
  { config: { onClose, ...config }, path, timeoutMs, json }: CheckModelsRequest,
  io: Io,
): Promise<number> {
  try {
    const names = await targetsOf(config, path);
    io.stderr.write(`Asks each of ${names.length} targets for a word, which costs a few tokens each.\n`);
    const gateway = await openGateway(aloneEach(names, config), path);
    const pings = await Promise.all(names.map((target) => ping({ target, timeoutMs, gateway }, io)));
    await gateway.close();
    const lines = json ? pings.map((each) => jsonText(each)) : tableOf(pings, io);
    io.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return pings.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await onClose?.();
  }
}

/** Every target of every route, with its endpoint. */
async function targetsOf(config: GatewayConfig, path: string): Promise<readonly string[]> {
  const gateway = await openGateway(config, path);
  const names = gateway.targets().map(({ name }) => name);
  await gateway.close();
  return names;
}

/** A route for each target, with one attempt: that another could have served says nothing of this one. */
function aloneEach(names: readonly string[], config: GatewayConfig): GatewayConfig {
  const routes = Object.fromEntries(names.map((name) => [name, { targets: [name], attempts: 1 }]));
  return { ...config, roles: {}, routes };
}

interface Asked {
  readonly target: string;
  readonly timeoutMs: number;
  readonly gateway: Gateway;
}

async function ping({ target, timeoutMs, gateway }: Asked, io: Io): Promise<Ping> {
  const startedMs = io.clock.nowMs();
  const ms = (): number => Math.round(io.clock.nowMs() - startedMs);
  try {
    const { costUsd } = await gateway.generate({
      route: target,
      messages: [{ role: 'user', text: 'Answer with the word OK.' }],
      answer: { type: 'text' },
      maxOutputTokens: MOST_OUTPUT_TOKENS,
      cache: 'skip',
      deadline: deadlineIn(io.clock, timeoutMs),
      signal: new AbortController().signal,
      call: { runId: 'models-check', step: target, turn: 0 },
    });
    return { target, ok: true, ms: ms(), costUsd };
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    const known = error.attempts.every(({ costUsd }) => costUsd !== null);
    const costUsd = known ? error.attempts.reduce((sum, attempt) => sum + (attempt.costUsd ?? 0), 0) : null;
    return { target, ok: false, ms: ms(), costUsd, code: error.code, message: error.message };
  }
}

function tableOf(pings: readonly Ping[], io: Io): readonly string[] {
  const { dim, green, red } = styleFor(io.stdout, io.env);
  const rows = pings.map(({ target, ok, ms, costUsd, code, message }) => [
    ok ? 'ok' : 'FAILED',
    printable(target),
    `${ms} ms`,
    costUsd === null ? '?' : `$${costUsd.toFixed(6)}`,
    ok ? '' : printable(`${code}: ${message}`),
  ]);
  const [head = '', ...lines] = columns([['', 'target', 'time', 'cost', ''], ...rows], new Set([2, 3]));
  return [dim(head), ...lines.map((line, at) => (pings[at]?.ok === true ? green(line) : red(line)))];
}
