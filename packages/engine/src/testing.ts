export { createVirtualClock } from '@paceline/resilience/testing';
export { journalConformance } from './conformance/journal-conformance.ts';
export { ledgerConformance } from './conformance/ledger-conformance.ts';
export { spendBookConformance } from './conformance/spend-book-conformance.ts';
export { spendCapsConformance } from './conformance/spend-caps-conformance.ts';
export { workflowConformance } from './conformance/workflow-conformance.ts';
export { checkReplay } from './run/replay.ts';

export type { VirtualClock } from '@paceline/resilience/testing';
export type { OpenJournal } from './conformance/journal-conformance.ts';
export type { OpenedLedger } from './conformance/ledger-conformance.ts';
export type { OpenDriver, WorkflowDriver } from './conformance/workflow-conformance.ts';
