import type { Answer, Wait } from 'paceline';
import { jsonText } from '../output/text.ts';

/** What a person is asked, in a line: the tool call with its arguments, or what is in doubt. */
export function askedText(wait: Wait): string {
  switch (wait.type) {
    case 'approval':
      return `approve ${wait.tool} ${jsonText(wait.input)} (call ${wait.toolCallId})?`;
    case 'uncertain':
      return wait.toolCallId === undefined
        ? 'did it take effect?'
        : `did ${wait.tool} take effect (call ${wait.toolCallId})?`;
  }
}

/** What a person said, in a line. */
export function saidText(answer: Answer): string {
  switch (answer.type) {
    case 'approve':
      return `approved${by(answer)}`;
    case 'reject':
      return `rejected${by(answer)}${answer.reason === undefined ? '' : `: ${answer.reason}`}`;
    case 'done':
      return `done ${jsonText(answer.output)}`;
    case 'failed':
      return `failed: ${answer.reason}`;
  }
}

function by({ by: who }: { readonly by?: string }): string {
  return who === undefined ? '' : ` by ${who}`;
}
