import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLedger } from '@paceline/gateway';
import { spendBookConformance } from '../../conformance/spend-book-conformance.ts';
import { sqliteJournal } from './sqlite-journal.ts';

spendBookConformance('memory', () => ({ ledger: memoryLedger(), close: () => {} }));

spendBookConformance('sqlite', () => {
  const own = mkdtempSync(join(tmpdir(), 'paceline-book-'));
  const journal = sqliteJournal({ path: join(own, 'runs.db') });
  return {
    ledger: journal.ledger,
    close: () => journal.close().finally(() => rmSync(own, { recursive: true })),
  };
});
