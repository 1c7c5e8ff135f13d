import type { Io, Sink } from '../io.ts';

type Paint = (text: string) => string;

/** Colours of a terminal, or none. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

const plain: Paint = (text) => text;

/** Colours only for a terminal, and never with a non-empty `NO_COLOR` (https://no-color.org). */
export function styleFor(sink: Sink, env: Io['env']): Style {
  const colored = sink.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  const paint = (open: number, close: number): Paint =>
    colored ? (text) => `\u001B[${open}m${text}\u001B[${close}m` : plain;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
