// The types of XState that the rest of the package speaks of. Only this folder imports `xstate`.
export type {
  AnyActorRef,
  AnyStateMachine,
  EventObject,
  MachineConfig,
  MachineContext,
  MetaObject,
  PromiseActorLogic,
  StateMachine,
  StateSchema,
  StateValue,
  ToChildren,
  ToStateValue,
} from 'xstate';
