import { rmSync } from 'node:fs';
import { sleep } from '@paceline/resilience';
import { EngineError, memoryJournal, sqliteJournal } from 'paceline';
import { crash } from '../journal/process.ts';
import { makeTrouble } from '../journal/trouble.ts';
import { NEVER } from './mortal-clock.ts';
import type { Clock, Timer } from '@paceline/resilience';
import type { JournalStore } from 'paceline';
import type { Troubled } from '../journal/trouble.ts';
import type { MortalClock } from './mortal-clock.ts';
import type { JournalTrouble } from './plan.ts';

/** Where the journal lies: it outlives the processes. */
export interface Disk {
  /** A process opens the journal. @throws EngineError `JOURNAL_UNUSABLE` while the disk is in trouble */
  open(clock: MortalClock): JournalStore;
  /** All processes on it are gone, and with them whatever they had not made durable. */
  crash(): void;
  /** From the n-th operation on, counted from now. */
  harm(trouble: JournalTrouble): void;
  heal(): void;
  remove(): void;
}

/** How long a journal waits for a disk before it gives up; SQLite's default too. */
const GIVE_UP_MS = 60_000;

/** A passing trouble costs one more try. */
const SHORTEST_MS = 5;

/** Keeps what it is given as JSON, so that no process sees another's objects. */
export function memoryDisk(clock: Clock): Disk {
  const store: JournalStore = Object.create(memoryJournal({ retainRuns: 10_000 }), {
    // It would forget all, and another process may still be at work.
    close: { value: async () => {}, configurable: true },
  });
  let operations = 0;
  let harmed: JournalTrouble | null = null;
  let failsUntilMs = -1;

  const meetTrouble = async (mortal: MortalClock): Promise<void> => {
    operations++;
    if (harmed !== null && operations >= harmed.nth) {
      failsUntilMs = clock.nowMs() + Math.max(harmed.forMs, SHORTEST_MS);
      harmed = null;
    }
    const waitMs = failsUntilMs - clock.nowMs();
    if (waitMs <= 0) return;
    await sleep(mortal, Math.min(waitMs, GIVE_UP_MS), new AbortController().signal);
    if (waitMs > GIVE_UP_MS) throw new EngineError('JOURNAL_FAILED', 'The simulated disk is in trouble.');
  };

  return {
    open: (mortal) =>
      mapMethods(store, async (call) => {
        await meetTrouble(mortal);
        return mortal.alive ? throughJson(await call()) : NEVER;
      }),
    crash: () => (failsUntilMs = -1),
    harm(trouble) {
      operations = 0;
      harmed = trouble;
    },
    heal() {
      harmed = null;
      failsUntilMs = -1;
    },
    remove: () => {},
  };
}

/** Real SQLite. A crash leaves the file as it is and goes on with a copy: the dead connections cannot touch it any more. */
export function sqliteDisk(clock: Clock, folder: string): Disk {
  let crashes = 0;
  let troubled: Troubled | null = null;
  const opened: JournalStore[] = [];
  const path = (): string => `${folder}/${crashes}.db`;
  let healing: Timer | null = null;
  const heal = (): void => {
    healing?.cancel();
    troubled?.end();
    troubled = null;
  };
  return {
    open(mortal) {
      const journal = sqliteJournal({ path: path(), clock: mortal });
      opened.push(journal);
      return journal;
    },
    crash() {
      heal();
      const from = path();
      crashes++;
      crash(from, path());
      for (const journal of opened.splice(0)) void journal.close();
    },
    harm({ nth, name, forMs }) {
      heal();
      const onFirst = (): void => void (healing = clock.setTimer(forMs, heal));
      troubled = makeTrouble({ at: nth, name, lasting: forMs > 0, onFirst });
    },
    heal,
    remove: () => rmSync(folder, { recursive: true }),
  };
}

type Call = () => Promise<unknown>;

/** The same object, each of whose operations goes through `around`; so do those of the objects in it. */
export function mapMethods<T extends object>(
  object: T,
  around: (call: Call, name: string, args: readonly unknown[]) => Promise<unknown>,
): T {
  return new Proxy(object, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member === 'object' && member !== null) return mapMethods(member, around);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const call = () => member.apply(target, args) as unknown;
        return OPERATIONS.has(String(name)) ? around(async () => call(), String(name), args) : call();
      };
    },
  });
}

/** All of a journal that gives a promise and touches the disk. */
const OPERATIONS: ReadonlySet<string> = new Set([
  'create',
  'commit',
  'load',
  'claim',
  'list',
  'keep',
  'read',
  'post',
  'collect',
  'settle',
]);

function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
