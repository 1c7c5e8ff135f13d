/** Money is kept in whole picodollars: every list price times a whole number of tokens is one. */
const PICO_PER_USD = 1e12;

/** To the nearest picodollar: takes back what binary fractions add to a price. */
export function roundUsd(usd: number): number {
  return Math.round(usd * PICO_PER_USD) / PICO_PER_USD;
}

/** A sum of money that does not drift, however many amounts are added to it. */
export interface UsdTotal {
  readonly usd: number;
  add(usd: number): void;
}

/** Exact to the picodollar: a sum of a million amounts is that of their decimals. */
export function createUsdTotal(startUsd = 0): UsdTotal {
  let pico = picoOf(startUsd);
  return {
    get usd() {
      return usdOf(pico);
    },
    add(usd) {
      pico += picoOf(usd);
    },
  };
}

/** Picodollars, to the nearest one. */
export function picoOf(usd: number): bigint {
  return BigInt(Math.round(usd * PICO_PER_USD));
}

/** The number nearest to that many picodollars, however many they are. */
export function usdOf(pico: bigint): number {
  return Number(`${pico}e-12`);
}
