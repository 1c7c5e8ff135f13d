export { isSimulatorError, SIMULATOR_ERRORS, SimulatorError } from './errors.ts';
export { FAULTS } from './faults.ts';
export { drawFirstTokenMs, drawPaceMs, FAST_MODEL, latencyOf, STRONG_MODEL } from './latency.ts';
export { FAULT_CATALOGUE } from './scenario/catalogue.ts';
export { parseFault } from './scenario/parse-fault.ts';
export { scenarioFor, SCENARIOS } from './scenario/scenarios.ts';
export { createSimulator } from './simulator.ts';
export { validateScenario } from './scenario/validate-scenario.ts';
export { withFaults } from './scenario/with-faults.ts';

export type { SimulatorErrorCode } from './errors.ts';
export type { FaultName, FaultParameters } from './faults.ts';
export type { CallEnd, SimulatedCall } from './journal.ts';
export type { LatencyModel } from './latency.ts';
export type { CatalogueFault, CatalogueNumber } from './scenario/catalogue.ts';
export type { Listening, ListenOptions } from './listen.ts';
export type {
  Capacity,
  CapacityChange,
  FaultRule,
  PromptCache,
  RateLimit,
  Scenario,
  SimulatedProvider,
} from './scenario/scenario.ts';
export type { ScenarioName, ScenarioOptions } from './scenario/scenarios.ts';
export type { SimulatedEndpoint, Simulator, SimulatorOptions } from './simulator.ts';
export type { WireFormat } from './wire/wire.ts';
