/** A line of a page and whether it stands inside a fenced block. */
interface Line {
  readonly text: string;
  readonly number: number;
  readonly fenced: boolean;
  /** The info string, on the line that opens a block. */
  readonly opens?: string;
}

function linesOf(page: string): readonly Line[] {
  let fence: string | undefined;
  return page.split('\n').map((text, at) => {
    const mark = /^\s*(`{3,}|~{3,})(.*)$/.exec(text);
    const number = at + 1;
    if (mark !== null && fence === undefined) {
      fence = mark[1] ?? '';
      return { text, number, fenced: true, opens: (mark[2] ?? '').trim() };
    }
    const line = { text, number, fenced: fence !== undefined };
    if (mark !== null && fence !== undefined && mark[1]?.startsWith(fence)) fence = undefined;
    return line;
  });
}

/** Relative link targets outside code, as written: `../a.md#b`, `#c`. Images count as links. */
export function linksOf(page: string): readonly string[] {
  return linesOf(page)
    .filter((line) => !line.fenced)
    .flatMap((line) => [...line.text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)])
    .flatMap((match) => match[1] ?? [])
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that a Markdown host gives a page's headings: lower case, spaces to hyphens, punctuation dropped. */
export function anchorsOf(page: string): readonly string[] {
  return linesOf(page)
    .filter((line) => !line.fenced)
    .flatMap((line) => /^#{1,6} +(.*?)\s*$/.exec(line.text)?.[1] ?? [])
    .map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    );
}

export interface Fence {
  /** Line of the page that opens the block, counted from 1: line n of the code is line `line + n` of the page. */
  readonly line: number;
  readonly code: string;
}

/** Blocks marked exactly `ts`. A block that cannot stand alone says `ts nocheck`. */
export function typeScriptFences(page: string): readonly Fence[] {
  const fences: { line: number; code: string[] }[] = [];
  let open: { line: number; code: string[] } | undefined;
  for (const line of linesOf(page)) {
    if (line.opens !== undefined) {
      open = line.opens === 'ts' ? { line: line.number, code: [] } : undefined;
      if (open !== undefined) fences.push(open);
    } else if (line.fenced && !/^\s*(`{3,}|~{3,})\s*$/.test(line.text)) {
      open?.code.push(line.text);
    }
  }
  return fences.map(({ line, code }) => ({ line, code: code.join('\n') }));
}
