import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLedger } from '@paceline/gateway';
import { spendCapsConformance } from '../../conformance/spend-caps-conformance.ts';
import { sqliteJournal } from './sqlite-journal.ts';

spendCapsConformance('memory', () => ({ ledger: memoryLedger(), close: () => {} }));

spendCapsConformance('sqlite', () => {
  const own = mkdtempSync(join(tmpdir(), 'paceline-caps-'));
  const journal = sqliteJournal({ path: join(own, 'runs.db') });
  return {
    ledger: journal.ledger,
    close: () => journal.close().finally(() => rmSync(own, { recursive: true })),
  };
});
