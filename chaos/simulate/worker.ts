import { simulate } from './simulate.ts';

// A process of its own: simulations change what all of a process share, such as SQLite's methods.
for (const seed of JSON.parse(process.argv[2] ?? '') as readonly number[]) {
  process.stdout.write(`${JSON.stringify(await simulate(seed))}\n`);
}
