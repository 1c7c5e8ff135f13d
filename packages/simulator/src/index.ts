export { FAULTS } from './faults.ts';
export { FAST_MODEL, STRONG_MODEL } from './latency.ts';
export { createSimulator } from './simulator.ts';

export type { FaultName, FaultParameters } from './faults.ts';
export type { CallEnd, SimulatedCall } from './journal.ts';
export type { LatencyModel } from './latency.ts';
export type { Listening, ListenOptions } from './listen.ts';
export type { FaultRule, Scenario, SimulatedProvider } from './scenario.ts';
export type { SimulatedEndpoint, Simulator, SimulatorOptions } from './simulator.ts';
export type { WireFormat } from './wire/wire.ts';
