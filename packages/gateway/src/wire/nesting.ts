const LF = 10;
const QUOTE = 34;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * Whether no array or object of a JSON text is more than `levels` deep, the outermost being level 1; in linear time and without
 * parsing it. Of text that is no JSON it may say either: a line break ends a string, as none can stand in one, so that the brackets
 * of a text hidden behind an unfinished other one are counted.
 */
export function nestedWithin(levels: number, json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === LF) inString = false;
    else if (inString) {
      // What it escapes may be a quote, but not the line break.
      if (code === BACKSLASH && json.charCodeAt(at + 1) !== LF) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > levels) return false;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth = Math.max(0, depth - 1);
  }
  return true;
}
