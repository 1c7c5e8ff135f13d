/** Sweden writes dates as ISO 8601 does. */
const FORMAT = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });

/** For people: `2026-11-22 21:35:03 UTC`. */
export function formatMoment(epochMs: number): string {
  return `${FORMAT.format(epochMs)} UTC`;
}
