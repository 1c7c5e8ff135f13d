import type { Chart, RawNode } from './chart.ts';
import { readChart } from './read-chart.ts';
import type { Workflow } from './workflow.ts';

/** A workflow's machine as plain data, every target resolved: for tools that look at workflows. */
export function workflowChart(workflow: Workflow): Chart {
  return readChart(workflow.config as RawNode & { readonly id: string });
}
