// The one thing an engine cannot do without, so that embedding needs a single import.
export { createGateway, defineConfig } from '@paceline/gateway';
export { child, workflowsWithin } from './define/child.ts';
export { checkWorkflow } from './check/check-workflow.ts';
export { failureOf, isFailure } from './define/failure.ts';
export { map } from './define/map.ts';
export { setupWorkflow } from './define/setup-workflow.ts';
export { classify, code, execute, reason, tool } from './define/steps.ts';
export { workflowChart } from './define/workflow-chart.ts';
export { isWorkflow, workflowInfo } from './define/workflow.ts';
export { createEngine } from './engine.ts';
export { ENGINE_ERRORS, EngineError, isEngineError } from './errors.ts';
export { memoryJournal } from './journal/memory-store.ts';
export { sqliteJournal } from './journal/sqlite/sqlite-journal.ts';
export { followRun } from './run/follow.ts';
export { readStepToken, readTimerToken } from './run/token.ts';

export type { CheckOptions, StepCheck, WorkflowCheck } from './check/check-workflow.ts';
export type { Finding, FindingCode } from './check/finding.ts';
export type { Leg, Path } from './check/paths.ts';
export type { Chart, State as ChartState, Transition as ChartTransition } from './define/chart.ts';
export type { StepMachine, StepMachineConfig } from './define/machine-types.ts';
export type {
  BodyArgs,
  Budget,
  ChildStep,
  Classification,
  ClassifyStep,
  CodeStep,
  Effect,
  ExecuteStep,
  InnerStep,
  ItemResult,
  MapFailure,
  MapStep,
  ModelPolicy,
  OnUncertain,
  Prompt,
  ReasonStep,
  Step,
  StepPolicy,
  Steps,
  Tool,
} from './define/step.ts';
export type { MapOptions } from './define/map.ts';
export type { WorkflowSetup } from './define/setup-workflow.ts';
export type { Signals } from './define/signals.ts';
export type {
  MachinePlace,
  Migration,
  TimePlan,
  Workflow,
  WorkflowDefinition,
  WorkflowInfo,
  WorkflowPart,
} from './define/workflow.ts';
export type { AnswerOptions, Engine, EngineOptions, Recovery, RunHandle, SignalOptions } from './engine.ts';
export type { EngineErrorCode } from './errors.ts';
export type { EngineEvent, EngineEvents } from './events.ts';
export type { MemoryJournalOptions } from './journal/memory-store.ts';
export type { JournalInbox, Posted, PostResult } from './journal/inbox.ts';
export type {
  DamagedRun,
  PruneOptions,
  SqliteJournal,
  SqliteJournalInbox,
  SqliteJournalOptions,
  SqliteSpendLedger,
} from './journal/sqlite/contract.ts';
export type { Batch, JournalStore, RunFilter } from './journal/store.ts';
export type { Answer, AnswerTo, Receipt, RunMessage, Wait } from './run/message.ts';
export type { RunOutcome, RunReport, StepReport } from './run/outcome.ts';
export type {
  Adoption,
  Caller,
  Fence,
  ItemsInFlight,
  JournalEntry,
  Parent,
  PendingStep,
  PendingTimer,
  RunEvent,
  RunRecord,
  RunStatus,
  RunSummary,
} from './run/record.ts';
export type { Cost, Spend } from './run/spend.ts';
export type { Failure } from './define/failure.ts';
export type { ItemProgress, StepProgress, VisitProgress } from './run/progress.ts';
export type { CloseOptions } from './run/active-runs.ts';
export type { ForkOptions } from './run/fork-run.ts';
export type { LeftRun, RecoverOptions } from './run/recover.ts';
export type { RunOptions } from './run/run-order.ts';
export type { FollowOptions, FollowParts } from './run/follow.ts';
export type { Delivery, SteerOptions, Steering } from './run/steer.ts';
