import type { Json } from '@paceline/gateway';
import type { z } from 'zod';
import { check } from '../define/schema.ts';
import type { Checked } from '../define/schema.ts';
import { messageOf } from './failure.ts';
import { toJson } from './json.ts';

/**
 * Checks a value that is to be recorded: it has to fit the schema and be something JSON can hold. Never throws; a schema
 * that does (it is asynchronous, or a refinement of it fails) is a problem too.
 */
export function checkRecorded(schema: z.ZodType, value: unknown): Checked<Json> {
  try {
    const checked = check(schema, value);
    return checked.ok ? { ok: true, value: toJson(checked.value) } : checked;
  } catch (error) {
    return { ok: false, problem: messageOf(error) };
  }
}
