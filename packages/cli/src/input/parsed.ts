/** One row as a reader found it. A row that cannot be read is a problem of its own: the others go on. */
export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };
