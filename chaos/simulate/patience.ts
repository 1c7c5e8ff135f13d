/** The budget of a run that nothing but a jump of the clock can use up, in milliseconds. */
export const PATIENT_MS = 600_000;
