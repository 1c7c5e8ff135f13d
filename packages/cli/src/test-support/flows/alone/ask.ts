/** A workflow that calls a model, with no config beside it. */
export { default } from '../ask.ts';
