import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createSimulator, SCENARIOS, scenarioFor, validateScenario } from '@paceline/simulator';
import type { Listening, Scenario, ScenarioName, SimulatedCall, Simulator } from '@paceline/simulator';
import type { Command } from 'commander';
import { CliError, messageOf } from '../errors.ts';
import type { Io } from '../io.ts';
import { wholeNumber } from './options.ts';

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly scenario: string;
  readonly seed: number;
  readonly verbose?: boolean;
}

/** Without rows a provider's requests count: the brown-out strikes the middle third of so many. */
const ROWS = 300;

const HELP = `
Scenarios:
${Object.entries(SCENARIOS)
  .map(([name, { doc }]) => `  ${name.padEnd(10)}${doc}`)
  .join('\n')}
or a JSON file: {"providers": {"openai": {"wire": "openai", "faults": [{"fault": "stall", "probability": 0.02}]}}}.
Requests count as rows, per provider; the middle third is that of ${ROWS}.

The answers follow small rules: keywords decide labels, structured answers fit their schema. Any API key will do. With the
header "x-paceline-call: <runId>/<step>/<turn>/<attempt>" a call meets the same fate whenever it is repeated.

Examples:
  $ paceline sim
  $ paceline sim --scenario brownout --port 4200 --verbose
  $ paceline sim --scenario ./my-scenario.json --seed 7`;

/** Adds `paceline sim`. @param finish is given the exit code */
export function addSimCommand(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('sim')
    .summary('start simulated model providers on this machine')
    .description('Starts simulated OpenAI, Anthropic and Google APIs on loopback, with latencies and faults.')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on, 0 for any free one', wholeNumber(0), 4100)
    .option('--scenario <name|file>', 'which providers there are and what goes wrong', 'everyday')
    .option('--seed <n>', 'fixes the fate of every call', wholeNumber(0), 1)
    .option('--verbose', 'print a line for each call as it ends')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      await simulate(flags, io);
      finish(0);
    });
}

/** Serves until Ctrl-C. */
async function simulate(flags: Flags, io: Io): Promise<void> {
  const simulator = await openSimulator(flags, io);
  const listening = await simulator.listen({ host: flags.host, port: flags.port }).catch((error: unknown) => {
    throw new CliError('USAGE', `Cannot listen on ${flags.host}:${flags.port}: ${messageOf(error)}`, error);
  });
  io.stdout.write(banner(flags, simulator, listening));
  await new Promise<void>((stopped) => {
    const unlisten = io.onInterrupt(() => {
      unlisten();
      stopped();
    });
  });
  await listening.close();
  io.stdout.write('Stopped.\n');
}

async function openSimulator({ scenario, seed, verbose }: Flags, io: Io): Promise<Simulator> {
  try {
    return createSimulator({
      seed,
      clock: io.clock,
      scenario: isName(scenario) ? scenarioFor(scenario, { rows: ROWS }) : await readScenario(scenario, io),
      ...(verbose ? { onCallEnd: (call) => void io.stdout.write(`${callLine(call)}\n`) } : {}),
    });
  } catch (error) {
    throw new CliError('SCENARIO_UNUSABLE', `Scenario ${scenario}: ${messageOf(error)}`, error);
  }
}

async function readScenario(file: string, io: Io): Promise<Scenario> {
  const path = resolve(io.cwd, file);
  if (!existsSync(path)) {
    throw new Error(`neither a file nor one of ${Object.keys(SCENARIOS).join(', ')}`);
  }
  return validateScenario(JSON.parse(await readFile(path, 'utf8')));
}

function isName(scenario: string): scenario is ScenarioName {
  return Object.hasOwn(SCENARIOS, scenario);
}

function banner({ scenario, seed }: Flags, simulator: Simulator, { url }: Listening): string {
  const endpoints = Object.entries(simulator.providers(url));
  const body = '{"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Where is my refund?"}]}';
  const openai = endpoints.find(([, { wire }]) => wire === 'openai')?.[1];
  return [
    `Simulated providers, scenario ${scenario}, seed ${seed}. No model is asked and nothing is paid.`,
    '',
    ...endpoints.map(([name, { baseUrl, wire }]) => `  ${name.padEnd(12)}${baseUrl}   (${wire} format)`),
    ...(openai === undefined
      ? []
      : [
          '',
          'Try:',
          `  curl ${openai.baseUrl}/chat/completions -H 'content-type: application/json' \\`,
          `    -d '${body}'`,
        ]),
    '',
    'Ctrl-C stops.',
    '',
  ].join('\n');
}

function callLine(call: SimulatedCall): string {
  const ms = Math.round((call.endedMs ?? call.startedMs) - call.startedMs);
  const fate = call.fault === null ? call.ended : `${call.ended} by ${call.fault}`;
  return `${call.provider}/${call.model}  ${call.status ?? '---'}  ${fate}  ${ms} ms  ${call.key}`;
}
