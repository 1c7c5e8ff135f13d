// The actions a pure transition understands and the guards that join others, for the workflows that this package itself writes.
export { and, assign, cancel, log, not, or, raise, stateIn } from 'xstate';
