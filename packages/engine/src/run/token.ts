/** The entry of a run's journal that asked for something. */
interface Asked {
  readonly runId: string;
  readonly seq: number;
}

/** A step's token: which entry asked for which visit of which invoke. No two visits of a run share one. */
export function stepToken({ runId, seq }: Asked, invokeId: string, visit: number): string {
  return `${runId}/${seq}/${invokeId}/${visit}`;
}

/** A timer's token: which entry set it. */
export function timerToken({ runId, seq }: Asked, id: string): string {
  return `${runId}/${seq}/${id}`;
}

/** Reads a step's token: the step began when the entry `seq` was durable. Invoke ids may hold slashes themselves. */
export function readStepToken(
  runId: string,
  token: string,
): { readonly seq: number; readonly invokeId: string; readonly visit: number } {
  const { seq, id } = readTimerToken(runId, token);
  const at = id.lastIndexOf('/');
  return { seq, invokeId: id.slice(0, at), visit: Number(id.slice(at + 1)) };
}

/** Reads a timer's token: the timer was set by the entry `seq`. */
export function readTimerToken(runId: string, token: string): { readonly seq: number; readonly id: string } {
  const rest = token.slice(runId.length + 1);
  const at = rest.indexOf('/');
  return { seq: Number(rest.slice(0, at)), id: rest.slice(at + 1) };
}
