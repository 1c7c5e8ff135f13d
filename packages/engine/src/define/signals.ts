import type { z } from 'zod';

/** The signals of a workflow: the payload's schema by the signal's name. */
export type Signals = Readonly<Record<string, z.ZodType>>;
