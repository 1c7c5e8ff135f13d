import { anthropicWire } from './anthropic.ts';
import { googleWire } from './google.ts';
import { openaiWire } from './openai.ts';
import type { WireCodec, WireFormat } from './wire.ts';

/** Who speaks each format. */
export const CODECS: Readonly<Record<WireFormat, WireCodec>> = {
  openai: openaiWire,
  anthropic: anthropicWire,
  google: googleWire,
};
