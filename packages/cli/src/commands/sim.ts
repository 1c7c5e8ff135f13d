import {
  createSimulator,
  FAULT_CATALOGUE,
  FAULTS,
  parseFault,
  SCENARIOS,
  withFaults,
} from '@paceline/simulator';
import type { FaultRule, Listening, SimulatedCall, Simulator } from '@paceline/simulator';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { CliError, messageOf } from '../errors.ts';
import type { Io } from '../io.ts';
import { findScenario } from '../scenario-file.ts';
import { wholeNumber } from './options.ts';

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly scenario?: string;
  readonly fault?: readonly FaultRule[];
  readonly faultRate: number;
  readonly seed: number;
  readonly verbose?: boolean;
}

const LAST_PORT = 65_535;

/** Addresses that stand for all of the machine's. */
const EVERY_ADDRESS: readonly string[] = ['0.0.0.0', '::'];

/** Without rows a provider's requests count: the brown-out strikes the middle third of so many. */
const ROWS = 300;

const listed = (entries: Readonly<Record<string, { readonly doc: string }>>): string => {
  const width = Math.max(...Object.keys(entries).map((name) => name.length));
  return Object.entries(entries)
    .map(([name, { doc }]) => `  ${name.padEnd(width)}  ${doc}`)
    .join('\n');
};

const HELP = `
Scenarios:
${listed(SCENARIOS)}
or a JSON file: {"providers": {"openai": {"wire": "openai", "faults": [{"fault": "stall", "probability": 0.02}]}}}.
Requests count as rows, per provider; the middle third is that of ${ROWS}.

The answers follow small rules: keywords decide labels, structured answers fit their schema. Any API key will do. With the
header "x-paceline-call: <runId>/<step>/<turn>/<attempt>" a call meets the same fate whenever it is repeated.

Faults, on all providers with --fault, or for one request with the header "x-paceline-fault: <fault>" or the model
"<model>+<fault>". Settings follow the name: cut:afterTokens=40,times=1. docs/simulator.md lists them.
${listed(FAULTS)}

The same by their numbers in the catalogue of provider faults:
${listed(FAULT_CATALOGUE)}

Examples:
  $ paceline sim
  $ paceline sim --scenario brownout --port 4200 --verbose
  $ paceline sim --scenario ./my-scenario.json --seed 7
  $ paceline sim --fault stall:pingEveryMs=5000 --fault error-500 --fault-rate 0.1`;

/** Adds `paceline sim`. @param finish is given the exit code */
export function addSimCommand(program: Command, io: Io, finish: (exitCode: number) => void): void {
  program
    .command('sim')
    .summary('start simulated model providers on this machine')
    .description('Starts simulated OpenAI, Anthropic and Google APIs on loopback, with latencies and faults.')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on, 0 for any free one', wholeNumber(0, LAST_PORT), 4100)
    .option(
      '--scenario <name|file>',
      'which providers there are and what goes wrong (default: "everyday"; with --fault: "calm")',
    )
    .option('--fault <name[:setting=value,...]>', 'what goes wrong besides; repeatable', faults)
    .option('--fault-rate <share>', 'share of the calls that meet one of them', share, 1)
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

async function openSimulator(flags: Flags, io: Io): Promise<Simulator> {
  const { seed, verbose, fault = [], faultRate } = flags;
  const scenario = scenarioIn(flags);
  try {
    const base = await findScenario(scenario, ROWS, io);
    return createSimulator({
      seed,
      clock: io.clock,
      scenario: withFaults(base, fault, faultRate),
      ...(verbose ? { onCallEnd: (call) => void io.stdout.write(`${callLine(call)}\n`) } : {}),
    });
  } catch (error) {
    throw new CliError('SCENARIO_UNUSABLE', `Scenario ${scenario}: ${messageOf(error)}`, error);
  }
}

/** Whoever names a fault wants that one, not everyday's besides. */
function scenarioIn({ scenario, fault }: Flags): string {
  return scenario ?? (fault === undefined ? 'everyday' : 'calm');
}

function banner(flags: Flags, simulator: Simulator, { url }: Listening): string {
  const { host, seed, fault, faultRate } = flags;
  const endpoints = Object.entries(simulator.providers(url));
  const body = '{"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Where is my refund?"}]}';
  const openai = endpoints.find(([, { wire }]) => wire === 'openai')?.[1];
  return [
    `Simulated providers, scenario ${scenarioIn(flags)}, seed ${seed}. No model is asked and nothing is paid.`,
    ...(EVERY_ADDRESS.includes(host)
      ? [`Listening on ${host}: whoever can reach this machine can call them.`]
      : []),
    ...(fault ?? []).map((each) => `Fault on all of them, at rate ${faultRate}: ${JSON.stringify(each)}`),
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

/** Collects faults over repeated options. */
function faults(text: string, before: readonly FaultRule[] = []): readonly FaultRule[] {
  try {
    return [...before, parseFault(text)];
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a share from 0 to 1, such as 0.1.');
}
