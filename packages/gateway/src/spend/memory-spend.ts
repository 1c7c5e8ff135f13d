import { createCapCounters } from './cap-counters.ts';
import type { SpendLedger } from './contract.ts';
import { createSpendBook } from './memory-book.ts';

/** Spend and caps that last as long as the process. */
export function memorySpend(): SpendLedger {
  const caps = createCapCounters();
  const book = createSpendBook();
  return {
    reserve: async (request) => caps.reserve(request),
    release: (id) => caps.release(id),
    settle(entry) {
      book.add(entry);
      caps.settle(entry.id, entry.countedUsd ?? entry.costUsd ?? 0, entry.atEpochMs);
    },
    standing: (counter, atEpochMs) => caps.standing(counter, atEpochMs),
    report: async (query) => book.report(query),
  };
}
