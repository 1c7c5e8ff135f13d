import { expect, test } from 'vitest';
import { csvOf } from './csv.ts';

test('a line for each row, ended as RFC 4180 has it', () => {
  expect(
    csvOf([
      ['team', 'usd'],
      ['cx', 0.5],
      [null, 2],
    ]),
  ).toBe('team,usd\r\ncx,0.5\r\n,2\r\n');
});

test.each([
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['plain', 'plain'],
  ['', ''],
])('%j is written as %j', (value, written) => {
  expect(csvOf([[value]])).toBe(`${written}\r\n`);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', "=cmd|' /C calc'!A0"])('%j is no formula', (value) => {
  expect(csvOf([[value]])).toBe(`'${value}\r\n`);
});

test('a formula that needs quotes gets both', () => {
  expect(csvOf([['=HYPERLINK("http://evil","x")']])).toBe('"\'=HYPERLINK(""http://evil"",""x"")"\r\n');
  expect(csvOf([['\rx']])).toBe('"\'\rx"\r\n');
});

test('numbers are plain decimals, also small ones and those below 0', () => {
  expect(csvOf([[0.000_000_000_001, -0.5, 1_000_000, 0]])).toBe('0.000000000001,-0.5,1000000,0\r\n');
});

test('what could steer a terminal is written as its code', () => {
  expect(csvOf([['a\u001B[2Jb\u202Ec']])).toBe('a\\u001b[2Jb\\u202ec\r\n');
});
