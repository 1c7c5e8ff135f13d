import type { EngineEvent } from '../events.ts';

type OfAnyRun<Event> = Event extends EngineEvent ? Omit<Event, 'runId' | 'afterMs'> : never;

/** An event without what every event of a run carries. */
export type Told = OfAnyRun<EngineEvent>;

/** Tells the run's listeners. Never throws. */
export type Tell = (event: Told) => void;
