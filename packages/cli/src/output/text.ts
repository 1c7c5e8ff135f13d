/** Characters that steer a terminal, break a line or turn its direction around. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * What a run, a model or a file says, as one line that is safe to show: line breaks become spaces, and whatever else could steer
 * the terminal its code, such as `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(/[\t\n\r]+/g, ' ').replace(STEERING, codeOf);
}

/** JSON that is safe to show: JSON itself lets some characters through that terminals obey. @param indent 0 for one line */
export function jsonText(value: unknown, indent = 0): string {
  const json = JSON.stringify(value, null, indent) ?? 'null';
  return json.replace(STEERING, (char) => (char === '\n' ? char : codeOf(char)));
}

/** At most `width` characters; what is cut off leaves an ellipsis. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  // A pair of surrogates is one character; no text needs to be taken apart beyond what could be shown.
  const chars = Array.from(text.slice(0, 2 * width + 2));
  return chars.length <= width ? text : `${chars.slice(0, Math.max(0, width - 1)).join('')}…`;
}

function codeOf(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
