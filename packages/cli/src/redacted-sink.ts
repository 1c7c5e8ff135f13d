import { createRedactor } from '@paceline/gateway';
import type { Io, Sink } from './io.ts';

/** Variables that hold credentials, by their usual names: `OPENAI_API_KEY`, `GITHUB_TOKEN`. */
const CREDENTIAL_VARIABLE = /(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$/i;

/**
 * A sink for messages and progress, in which stands no credential of the environment and nothing that looks like one: what a config, a workflow or a
 * provider's package throws is printed with its stack, and may quote anything.
 */
export function redactedSink(sink: Sink, env: Io['env']): Sink {
  const named = Object.entries(env).filter(([name]) => CREDENTIAL_VARIABLE.test(name));
  const values = named.map(([, value]) => value ?? '');
  const redactor = createRedactor({ secrets: () => values });
  return {
    write: (text) => sink.write(redactor.text(text)),
    get isTTY() {
      return sink.isTTY ?? false;
    },
    get columns() {
      return sink.columns ?? 0;
    },
  };
}
