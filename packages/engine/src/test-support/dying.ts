import type { JournalStore } from '../journal/store.ts';

/** The journal of a process that stops dead at its n-th write: before it, or after it but before anybody hears of it. */
export function dying(journal: JournalStore, at: number, when: 'before' | 'after'): JournalStore {
  const never = new Promise<never>(() => {});
  let writes = 0;
  const write = async <T>(act: () => Promise<T>): Promise<T> => {
    writes++;
    if (writes > at || (writes === at && when === 'before')) return never;
    const result = await act();
    return writes === at ? never : result;
  };
  const writing: Partial<JournalStore> = {
    create: (batch) => write(() => journal.create(batch)),
    commit: (fence, batch) => write(() => journal.commit(fence, batch)),
  };
  return new Proxy(journal, {
    get(target, key) {
      const own: unknown = Reflect.get(key in writing ? writing : target, key);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}
