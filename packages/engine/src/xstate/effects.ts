import type { AnyMachineSnapshot } from 'xstate';

/** What one transition asks for, as plain data: no actor, no function. */
export type MachineEffect =
  | {
      readonly type: 'invoke-start';
      readonly invokeId: string;
      readonly src: string;
      readonly input: unknown;
    }
  | { readonly type: 'invoke-stop'; readonly invokeId: string }
  | {
      readonly type: 'timer-set';
      /** XState's own for `after`, the author's for a delayed raise; without one nothing can cancel the timer. */
      readonly id: string | undefined;
      readonly delayMs: number;
      readonly event: MachineEvent;
    }
  | { readonly type: 'timer-cancel'; readonly id: string };

export interface MachineEvent {
  readonly type: string;
}

export interface MachineStep {
  readonly snapshot: AnyMachineSnapshot;
  /** In the order the machine asked for them; a stop and a start of one id may both be among them. */
  readonly effects: readonly MachineEffect[];
}
