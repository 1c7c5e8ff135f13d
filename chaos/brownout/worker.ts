import { drive } from './drive.ts';
import type { Drive } from './drive.ts';

// A process of its own for one setting: neither disturbs the other's event loop.
const options = JSON.parse(process.argv[2] ?? '') as Drive;
const name = options.hedge ? 'hedging' : 'no hedging';
const figures = await drive(options, (started) => {
  if (started % 1_000 === 0) process.stderr.write(`${name}: ${started} of ${options.chains} chains\n`);
});
process.stdout.write(JSON.stringify(figures));
