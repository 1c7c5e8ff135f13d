import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupCommit } from './group-commit.ts';

let db: DatabaseSync;
/** Writes of each commit. */
let commits: number[];
let writes: number;
let nowMs: number;
let turns: (() => void)[];
beforeEach(() => {
  db = new DatabaseSync(':memory:');
  commits = [];
  writes = 0;
  nowMs = 0;
  turns = [];
});
afterEach(() => db.close());

function groupOf({ runs }: { readonly runs: number }): GroupCommit {
  const clock: Clock = {
    ...createVirtualClock(),
    nowMs: () => nowMs,
    nextTurn: (fire) => void turns.push(fire),
  };
  return new GroupCommit({
    db,
    clock,
    giveUpMs: 1_000,
    onBegin: () => void (writes = 0),
    isAlone: () => runs <= 1,
    onCommit: () => void commits.push(writes),
  });
}

const settled = () => new Promise<void>((resolve) => systemClock.nextTurn(resolve));

/** A turn of the event loop: what waits for it, and all that follows by itself. */
async function turn(): Promise<void> {
  for (const fire of turns.splice(0)) fire();
  await settled();
}

/** A run whose steps end at once: each write follows the one before. */
async function run(group: GroupCommit, eachMs = 0): Promise<void> {
  for (let at = 0; at < 100; at++) {
    await group.write(() => {
      writes++;
      nowMs += eachMs;
    });
  }
}

test('the commits of a lone run follow one another within a turn, for 10 ms', async () => {
  void run(groupOf({ runs: 1 }), 1);
  await settled();
  // The first one waits for a turn: who else writes in this one is not known yet.
  expect(commits).toHaveLength(0);
  await turn();
  expect(commits).toHaveLength(10);
  nowMs += 1_000;
  await turn();
  expect(commits).toHaveLength(20);
});

test('and no more than 64 of them, should the clock stand still', async () => {
  void run(groupOf({ runs: 1 }));
  await turn();
  expect(commits).toHaveLength(65);
});

test('after a pause the first commit waits for a turn again', async () => {
  const group = groupOf({ runs: 1 });
  void group.write(() => writes++);
  await turn();
  nowMs += 10;
  void group.write(() => writes++);
  await settled();
  expect(commits).toEqual([1]);
  await turn();
  expect(commits).toEqual([1, 1]);
});

test('several runs have one commit in each turn', async () => {
  const group = groupOf({ runs: 2 });
  void run(group);
  void run(group);
  for (let each = 0; each < 4; each++) await turn();
  expect(commits).toEqual([2, 2, 2, 2]);
});

test('what a lone run writes at one moment is one group', async () => {
  const group = groupOf({ runs: 1 });
  const branch = async (): Promise<void> => {
    for (let at = 0; at < 3; at++) await group.write(() => void writes++);
  };
  void branch();
  void branch();
  await turn();
  expect(commits).toEqual([2, 2, 2]);
});
