import { EngineError } from '../../errors.ts';
import type { Undo } from '../record.ts';
import type { RunContext } from '../step-run.ts';
import { stepOf } from '../undo.ts';
import { childRunId } from './child-id.ts';

/**
 * What the child runs of a visit did, oldest first, of those that have reached their goal: the others have undone it themselves.
 * @throws EngineError `JOURNAL_DAMAGED` if a child has vanished, and whatever the journal throws
 */
export async function findUndo(undo: Undo, context: RunContext): Promise<readonly Undo[]> {
  const { step, token, output, within } = undo;
  const steps = [...(within?.steps ?? []), step];
  const found: Undo[] = [];
  for (const runId of childrenOf(undo, context)) {
    const child = await context.children.read(runId);
    if (child === undefined && output !== undefined) {
      throw new EngineError('JOURNAL_DAMAGED', `Run ${runId} is gone: what it did cannot be undone.`);
    }
    const isDone = child?.status === 'succeeded' || child?.status === 'degraded';
    if (!isDone || child.parent?.token !== token) continue;
    for (const each of child.undo ?? []) found.push({ ...each, within: { runId, steps } });
  }
  return found;
}

function childrenOf(undo: Undo, context: RunContext): readonly string[] {
  const { runId = context.runId } = undo.within ?? {};
  const isMap = stepOf(context.info, undo)?.kind === 'map';
  const items = isMap ? Array.from(undo.input as readonly unknown[], (_, index) => index) : [undefined];
  return items.map((item) => childRunId({ context: { runId }, pending: undo, item }));
}
