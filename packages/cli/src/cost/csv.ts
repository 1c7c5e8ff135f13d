/** What spreadsheets take for the beginning of a formula, and would carry out (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

/** Characters that steer a terminal or turn its direction around; a line break stays what it is, within quotes. */
const STEERING = /[\p{Cc}\p{Bidi_Control}]/gu;

/** Lines of a table as RFC 4180 has them. Text that looks like a formula begins with an apostrophe; numbers are left alone. */
export function csvOf(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return decimal(value);
  const safe = value.replace(STEERING, (char) => (/[\t\n\r]/.test(char) ? char : codeOf(char)));
  const text = FORMULA.test(safe) ? `'${safe}` : safe;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Without an exponent, which not all spreadsheets read: to the picodollar. */
function decimal(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(12).replace(/0+$/, '');
}

function codeOf(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
