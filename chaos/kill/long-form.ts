import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** A long form: its kills in so many parts, each on a file of its own. */
export interface LongForm {
  readonly kills: number;
  readonly shards: number;
  readonly seed: number;
}

/** A part that is done, as a line of the file. */
export interface DoneShard extends LongForm {
  /** From 1. */
  readonly at: number;
  readonly ok: boolean;
  readonly shortfalls: readonly string[];
}

/** What one part came to. */
type Measured = Pick<DoneShard, 'ok' | 'shortfalls'>;

/**
 * Does the parts that the file does not hold yet, one after the other, and adds each to it as soon as it is done: a long form that was
 * stopped goes on where it was when it is started again. A part that was under way begins anew.
 * @returns all parts that are done, those of before included
 * @throws Error where the file holds parts of another long form
 */
export async function goOn(
  form: LongForm,
  file: string,
  measure: (at: number) => Promise<Measured>,
): Promise<readonly DoneShard[]> {
  const done = new Map(doneIn(file, form).map((shard) => [shard.at, shard]));
  for (let at = 1; at <= form.shards; at++) {
    if (done.has(at)) continue;
    const shard = { ...form, at, ...(await measure(at)) };
    appendFileSync(file, `${JSON.stringify(shard)}\n`);
    done.set(at, shard);
  }
  return [...done.values()];
}

function doneIn(file: string, form: LongForm): readonly DoneShard[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  const shards = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as DoneShard);
  const other = shards.find(
    ({ kills, shards: parts, seed }) => kills !== form.kills || parts !== form.shards || seed !== form.seed,
  );
  if (other === undefined) return shards;
  throw new Error(
    `${file} holds parts of another long form (${other.kills} kills in ${other.shards} shards, seed ${other.seed}). Name another file.`,
  );
}
