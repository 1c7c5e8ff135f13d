import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { onTestFinished } from 'vitest';
import { createEngine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';
import type { JournalStore } from '../journal/store.ts';
import { scriptedGateway } from '../test-support/gateway.ts';
import { workflowConformance } from '../conformance/workflow-conformance.ts';
import type { WorkflowDriver } from '../conformance/workflow-conformance.ts';

function embedded(journal: JournalStore, clock: VirtualClock): WorkflowDriver {
  const engine = createEngine({ gateway: scriptedGateway(), journal, clock });
  return {
    run: (workflow, input, options) => engine.run(workflow, input, options),
    start: (workflow, input, options) => engine.start(workflow, input, options),
    signal: (...told) => engine.signal(...told),
    settle: (work) => clock.run(work),
    journal,
    close: async () => {
      await engine.close();
      await journal.close();
    },
  };
}

workflowConformance('embedded driver, memory', () => embedded(memoryJournal(), createVirtualClock()));

workflowConformance('embedded driver, SQLite', () => {
  const clock = createVirtualClock();
  const path = join(mkdtempSync(join(tmpdir(), 'paceline-runs-')), 'runs.db');
  onTestFinished(() => rmSync(dirname(path), { recursive: true }));
  return embedded(sqliteJournal({ path, clock }), clock);
});
