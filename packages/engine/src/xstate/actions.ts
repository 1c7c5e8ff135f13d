// The actions a pure transition understands, for the workflows that this package itself writes.
export { assign, cancel, raise } from 'xstate';
