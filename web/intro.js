// intro.js - the comment at the head of an example, as prose above its code.

/**
 * Takes the first comment off a C source. Its first line, "NAME.c - subject.", and its licence are
 * left out; blank lines end a paragraph; indented ones are code.
 * @param {string} source
 * @returns {{ blocks: { code: boolean, text: string }[], rest: string, line: number }} what it
 *   says, what follows it, and the number of the line where that begins
 */
export function splitIntro(source) {
  const comment = /^\/\*[^]*?\*\/\n/.exec(source)?.[0];
  if (!comment) return { blocks: [], rest: source, line: 1 };
  const lines = comment
    .replace(/^\/\*|\s*\*\/\n$/g, '')
    .split('\n')
    .map((line) => line.replace(/^ \* ?/, ''))
    .filter((line) => !line.startsWith('SPDX-'));
  const blocks = [];
  let open = null;
  for (const line of lines.slice(1)) {
    const blank = !line.trim();
    const code = line.startsWith('    ');
    if (open?.code && (blank || code)) open.text += `\n${line.slice(4)}`;
    else if (blank) open = null;
    else if (open && !open.code && !code) open.text += ` ${line}`;
    else blocks.push((open = { code, text: code ? line.slice(4) : line }));
  }
  for (const block of blocks) block.text = block.text.trimEnd();
  return { blocks, rest: source.slice(comment.length), line: comment.split('\n').length };
}

const NAMES = /`[^`]+`|\b(?:(?:bide_|BIDE_)\w+(?:\([^()]*\))?|return_exceptions|load\(\))/g;

// A paragraph, in which Bide's names and what is in backquotes are set as code.
function paragraph(text) {
  const element = document.createElement('p');
  let end = 0;
  for (const match of text.matchAll(NAMES)) {
    const name = document.createElement('code');
    name.textContent = match[0].replaceAll('`', '');
    element.append(text.slice(end, match.index), name);
    end = match.index + match[0].length;
  }
  element.append(text.slice(end));
  return element;
}

/** The blocks as elements. */
export function introOf(blocks) {
  return blocks.map(({ code, text }) => {
    if (!code) return paragraph(text);
    const element = document.createElement('pre');
    element.textContent = text;
    return element;
  });
}
