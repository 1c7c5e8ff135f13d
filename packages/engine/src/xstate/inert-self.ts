import { createEmptyActor } from 'xstate';

/**
 * The parent of every child actor that a transition creates and nobody starts. XState's own `transition()` makes one per
 * call and enters the machine again for it, without input; reusing a stopped one gives the same effects at a fifth of
 * the time. Stopped, because an author's stray `self.send` would otherwise queue up in it for ever.
 */
export const inertSelf = createEmptyActor();
inertSelf.stop();
