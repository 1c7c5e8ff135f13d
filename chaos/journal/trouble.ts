import { DatabaseSync, StatementSync } from 'node:sqlite';

/** SQLite's result codes: another connection's lock, a failed sync, a full disk. */
export const TROUBLES = { SQLITE_BUSY: 5, SQLITE_IOERR_FSYNC: 1034, SQLITE_FULL: 13 } as const;

export type TroubleName = keyof typeof TROUBLES;

export interface Trouble {
  /** The operation that fails, counted from 1. */
  readonly at: number;
  readonly name: TroubleName;
  /** Every operation after it too, until `end`. */
  readonly lasting: boolean;
  /** Told when the n-th operation fails. */
  readonly onFirst?: () => void;
}

export interface Troubled {
  /** Whether there were so many operations. */
  readonly happened: boolean;
  end(): void;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** All ways from the journal into SQLite. */
const SEAMS = [
  [DatabaseSync.prototype, 'exec'],
  [DatabaseSync.prototype, 'prepare'],
  [StatementSync.prototype, 'run'],
  [StatementSync.prototype, 'get'],
  [StatementSync.prototype, 'all'],
] as const;

/** Lets the n-th operation of any SQLite connection in this process fail as SQLite does. One trouble at a time. */
export function makeTrouble({ at, name, lasting, onFirst }: Trouble): Troubled {
  let operations = 0;
  const undo = SEAMS.map(([prototype, method]) => {
    const methods = prototype as unknown as Record<string, Method>;
    const original = methods[method] as Method;
    methods[method] = function (...args) {
      operations++;
      if (operations === at) onFirst?.();
      if (operations === at || (lasting && operations > at)) throw sqliteError(name);
      return original.apply(this, args);
    };
    return () => (methods[method] = original);
  });
  return {
    get happened() {
      return operations >= at;
    },
    end: () => {
      for (const restore of undo) restore();
    },
  };
}

function sqliteError(name: TroubleName): Error {
  return Object.assign(new Error(`made up: ${name}`), { code: 'ERR_SQLITE_ERROR', errcode: TROUBLES[name] });
}
