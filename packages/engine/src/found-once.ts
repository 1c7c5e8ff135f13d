/** What is true of a thing for as long as there is the thing, found out when it is first asked for. */
export function foundOnce<Thing extends object, Found extends {} | null>(
  find: (thing: Thing) => Found,
): (thing: Thing) => Found {
  const known = new WeakMap<Thing, Found>();
  return (thing) => {
    let found = known.get(thing);
    if (found === undefined) known.set(thing, (found = find(thing)));
    return found;
  };
}
