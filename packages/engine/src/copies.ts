/**
 * Copies of small tables, made with every event of a run. A computed key in a literal takes V8 twice as long, and `delete` leaves a hash
 * table behind, which together with the next copy takes seven times as long: so a durable step cost a tenth more.
 *
 * Keys are names that authors give. One that every object has, such as `__proto__`, is refused where it is given.
 */
type Table<T> = Readonly<Record<string, T>>;

/** All but one. */
export function without<T>(table: Table<T>, key: string): Table<T> {
  const copy: Record<string, T> = {};
  for (const each in table) if (each !== key) copy[each] = table[each] as T;
  return copy;
}

/** One more, or another one in its place. */
export function withEntry<T>(table: Table<T>, key: string, value: T): Table<T> {
  const copy: Record<string, T> = { ...table };
  copy[key] = value;
  return copy;
}
