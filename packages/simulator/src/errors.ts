const brand = Symbol.for('paceline.simulator.error');

/** Every way the simulator itself can fail; what simulated providers answer is never one of them. */
export const SIMULATOR_ERRORS = {
  /** The scenario or an option is wrong; the message names the field and how to mend it. */
  SCENARIO_INVALID: {},
} as const satisfies Record<string, object>;

export type SimulatorErrorCode = keyof typeof SIMULATOR_ERRORS;

export class SimulatorError extends Error {
  readonly [brand] = true;
  override readonly name = 'SimulatorError';
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Works across duplicate installs of this package, unlike `instanceof`. */
export function isSimulatorError(error: unknown): error is SimulatorError {
  return typeof error === 'object' && error !== null && brand in error;
}
