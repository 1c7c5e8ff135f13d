import type { Mutant } from '../lib/mutant.ts';

const RUN = 'packages/engine/src/run';
const TESTS = [`${RUN}/compensation.test.ts`, `${RUN}/undo.test.ts`];

const CHILDREN = [`${RUN}/child/undo-children.test.ts`];

export const COMPENSATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'compensation/forgets-what-began',
    rule: 'What a run did is undone when it fails.',
    file: `${RUN}/ending.ts`,
    find: "const keepsUndo = 'failure' in end || record.parent !== undefined;",
    replace: 'const keepsUndo = false;',
    tests: TESTS,
  },
  {
    name: 'compensation/undoes-a-success',
    rule: 'A run that reached its goal undoes nothing.',
    file: `${RUN}/ending.ts`,
    find: "if ('output' in ending) return { record: { ...over, ...ending }, effects: [RUN_END] };\n",
    replace: '',
    tests: CHILDREN,
  },
  {
    name: 'compensation/loses-the-output',
    rule: 'A visit that finished is undone with its output.',
    file: `${RUN}/compensate.ts`,
    find: 'const { output = null } = undo;',
    replace: 'const output = null;',
    tests: TESTS,
  },
  {
    name: 'compensation/undoes-what-threw',
    rule: 'A step that threw has nothing to undo.',
    file: `${RUN}/undo.ts`,
    find: 'if (record.undo === undefined || UNKNOWN_END.has(code)) return record;',
    replace: 'if (record.undo !== undefined || UNKNOWN_END.has(code)) return record;',
    tests: TESTS,
  },
  {
    name: 'compensation/hides-a-failed-one',
    rule: 'What could not be undone is the first thing a run says.',
    file: `${RUN}/ending.ts`,
    find: 'if (failed.length === 0) return ending;',
    replace: 'if (failed.length >= 0) return ending;',
    tests: TESTS,
  },
  {
    name: 'compensation/cancelled-while-undoing',
    rule: 'A run that is being undone takes no cancel and no deadline.',
    file: `${RUN}/advance.ts`,
    find: "if (record.status !== 'running' || record.ending !== undefined) return null;",
    replace: "if (record.status !== 'running') return null;",
    tests: TESTS,
  },
  {
    name: 'compensation/same-key-as-the-step',
    rule: 'A compensation has a key of its own.',
    file: `${RUN}/compensate.ts`,
    find: 'const UNDO_INDEX = -2;',
    replace: 'const UNDO_INDEX = -1;',
    tests: TESTS,
  },
  {
    name: 'compensation/lost-on-recovery',
    rule: 'A run that was being undone is undone by whoever recovers it.',
    file: `${RUN}/work.ts`,
    find: 'if (newest !== undefined && this.undoing === undefined) this.startCompensation(newest);',
    replace: '',
    tests: TESTS,
  },
  {
    name: 'compensation/endless-loop',
    rule: 'A loop ends at `maxVisits`.',
    file: `${RUN}/step-runner.ts`,
    find: 'if (visit <= maxVisits) return;',
    replace: 'if (visit <= maxVisits + 1) return;',
    tests: TESTS,
  },
  {
    name: 'compensation/a-child-forgets-what-it-did',
    rule: 'What a finished child did is undone when its parent fails.',
    file: `${RUN}/ending.ts`,
    find: "const keepsUndo = 'failure' in end || record.parent !== undefined;",
    replace: "const keepsUndo = 'failure' in end;",
    tests: CHILDREN,
  },
  {
    name: 'compensation/children-share-their-parents-keys',
    rule: 'A child’s compensation has the key of the child’s own visit.',
    file: `${RUN}/compensate.ts`,
    find: 'const { runId = context.runId } = undo.within ?? {};',
    replace: 'const { runId } = context;',
    tests: CHILDREN,
  },
  {
    name: 'compensation/a-vanished-child-is-silent',
    rule: 'A child that has vanished cannot be undone, and that is loud.',
    file: `${RUN}/child/find-undo.ts`,
    find: 'if (child === undefined && output !== undefined)',
    replace: 'if (false)',
    tests: CHILDREN,
  },
  {
    name: 'compensation/a-failed-list-keeps-its-effects',
    rule: 'Of a list that failed, the children that succeeded are undone.',
    file: `${RUN}/step-events.ts`,
    find: '...(startsRuns ? left : withFailed(left, pending, event.failure)),',
    replace: '...withFailed(left, pending, event.failure),',
    tests: CHILDREN,
  },
];
