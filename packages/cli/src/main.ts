#!/usr/bin/env node
import { main } from './cli.ts';
import { processIo } from './process-io.ts';

process.exitCode = await main(process.argv.slice(2), processIo());
// A pipe that nobody closes would keep the process waiting for input it no longer wants.
process.stdin.destroy();
