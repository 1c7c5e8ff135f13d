import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SCENARIOS, scenarioFor, validateScenario } from '@paceline/simulator';
import type { Scenario, ScenarioName } from '@paceline/simulator';
import type { Io } from './io.ts';

/**
 * A scenario by its name, or from a JSON file.
 * @param rows for scenarios in which something happens in the middle of them
 * @throws Error that says what is wrong with it
 */
export async function findScenario(scenario: string, rows: number, io: Io): Promise<Scenario> {
  return isName(scenario) ? scenarioFor(scenario, { rows }) : readScenario(scenario, io);
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
