import type { PendingStep } from '../record.ts';

/** Who asks for a child: a visit, or one item of a `map`. */
interface Asking {
  readonly context: { readonly runId: string };
  readonly pending: Pick<PendingStep, 'invokeId' | 'visit'>;
  readonly item?: number | undefined;
}

/** The same for the same visit, so that a parent that was taken over finds its child again. */
export function childRunId({ context, pending, item }: Asking): string {
  const visit = `${context.runId}.${pending.invokeId}.${pending.visit}`;
  return item === undefined ? visit : `${visit}.${item}`;
}
