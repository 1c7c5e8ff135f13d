import { createVirtualClock } from '@paceline/resilience/testing';
import { createEngine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { workflowConformance } from '../conformance/workflow-conformance.ts';

workflowConformance('embedded driver, memory', () => {
  const clock = createVirtualClock();
  const journal = memoryJournal();
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock });
  return {
    run: (workflow, input, options) => engine.run(workflow, input, options),
    settle: (work) => clock.run(work),
    journal,
    close: () => engine.close(),
  };
});
