import type { Step } from '../define/step.ts';
import type { PendingStep } from './record.ts';

/**
 * Whether work of a visit that was begun before may have taken an effect which must not be repeated. Then that has to be said, whatever else
 * is in the way of the step.
 */
export function mayHaveTakenEffect(step: Step, { progress }: Pick<PendingStep, 'progress'>): boolean {
  switch (step.kind) {
    case 'code':
      return step.effect === 'once';
    case 'execute': {
      const last = progress.at(-1);
      return last?.type === 'tool-start' && step.tools[last.tool]?.effect === 'once';
    }
    case 'map':
      return mayHaveTakenEffect(step.step, { progress: [] });
    default:
      return false;
  }
}
