import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { addCheckCommand } from './check.ts';
import { addCostCommand } from './cost.ts';
import { addModelsCommand } from './models.ts';
import { addResumeCommand } from './resume.ts';
import { addRunCommand } from './run.ts';
import { addRunsCommand } from './runs.ts';
import { addSimCommand } from './sim.ts';
import type { Finish } from './runs/common.ts';

/** Adds every command, in the order of the help. @param finish is given the exit code */
export function addCommands(program: Command, io: Io, finish: Finish): void {
  addRunCommand(program, io, finish);
  addCheckCommand(program, io, finish);
  addResumeCommand(program, io, finish);
  addRunsCommand(program, io, finish);
  addCostCommand(program, io);
  addModelsCommand(program, io, finish);
  addSimCommand(program, io, finish);
}
