import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';
import type { MachineEvent } from './effects.ts';

/** Whether the machine would do anything about the event, which is what XState calls `can`. @throws whatever a guard throws */
export function takes(snapshot: AnyMachineSnapshot, event: MachineEvent): boolean {
  return snapshot.can(event);
}

/** Whether an active state handles one of these events, whatever its guards may make of the payload. */
export function handlesAny(snapshot: AnyMachineSnapshot, events: readonly string[]): boolean {
  if (events.length === 0) return false;
  const { _nodes: nodes }: { readonly _nodes: readonly AnyStateNode[] } = snapshot;
  return nodes.some(({ transitions }) =>
    [...events, '*'].some((event) => transitions.get(event)?.some(doesSomething)),
  );
}

/** `on: { approve: undefined }` is a transition too: it keeps the event from the states around. */
function doesSomething({
  target,
  actions,
}: {
  readonly target: unknown;
  readonly actions: readonly unknown[];
}) {
  return target !== undefined || actions.length > 0;
}
