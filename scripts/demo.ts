import { demo } from '../examples/support/demo.ts';

process.exitCode = await demo(process.argv.slice(2));
