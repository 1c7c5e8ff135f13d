/** What a numeric option may be. Bounds are inclusive. */
export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  /** Infinity is an integer here: "no limit" is a whole number of things. */
  readonly integer?: boolean;
}

/** Returns `value`, or throws a TypeError that names the option and what it may be. NaN never passes. */
export function checkedNumber(name: string, value: number, rule: NumberRule = {}): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, integer = false } = rule;
  const whole = !integer || Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  if (typeof value === 'number' && whole && value >= min && value <= max) return value;
  throw new TypeError(`Expected \`${name}\` to be ${describe(min, max, integer)}, got ${String(value)}`);
}

function describe(min: number, max: number, integer: boolean): string {
  const kind = integer ? 'an integer' : 'a number';
  if (max !== Number.POSITIVE_INFINITY) return `${kind} from ${min} to ${max}`;
  return min === Number.NEGATIVE_INFINITY ? kind : `${kind} of at least ${min}`;
}
