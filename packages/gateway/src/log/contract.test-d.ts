import { createWriteStream } from 'node:fs';
import { expectTypeOf, test } from 'vitest';
import type { GatewayConfig, LogStream, ModelRequest } from '../index.ts';

test("Node's streams take lines, and so does whatever has a `write`", () => {
  expectTypeOf(process.stdout).toExtend<LogStream>();
  expectTypeOf(createWriteStream('x')).toExtend<LogStream>();
  expectTypeOf<{ write(line: string): void }>().toExtend<LogStream>();
});

test('secrets and the key of the hashes are references', () => {
  expectTypeOf<{ roles: {}; redact: { secrets: ['env:MAIL_KEY'] } }>().toExtend<GatewayConfig>();
  expectTypeOf<{ roles: {}; redact: { secrets: ['a-secret'] } }>().not.toExtend<GatewayConfig>();
  expectTypeOf<{ roles: {}; log: { hashKey: 'a-key' } }>().not.toExtend<GatewayConfig>();
});

test('a call says of its payload what a log can hold', () => {
  expectTypeOf<ModelRequest['logPayload']>().toEqualTypeOf<'full' | 'hash' | 'none' | undefined>();
});
