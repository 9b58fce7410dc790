// highlight.js - colours C and JavaScript, by a handful of regular expressions.
//
// SPDX-License-Identifier: MIT

const words = (list) => new RegExp(`\\b(?:${list.trim().split(/\s+/).join('|')})\\b`);

const COMMON = [
  ['comment', /\/\*[^]*?\*\/|\/\/[^\n]*/],
  ['string', /"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/],
  ['number', /\b(?:0x[\da-fA-F]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)\w*/],
];

const C_KEYWORDS = `
  bool break case char const continue default do double else enum extern false float for goto if
  inline int int64_t long return short signed size_t sizeof static struct switch true typedef
  uint64_t union unsigned void volatile while NULL`;

const JAVASCRIPT_KEYWORDS = `
  as async await break case catch class const continue else export false finally for from function
  if import in let new null of return static this throw true try typeof undefined using while
  yield`;

const LANGUAGES = {
  c: [
    ...COMMON,
    ['directive', /^[ \t]*#[ \t]*(?:include[ \t]*<[^>\n]*>|\w+)/],
    ['bide', /\b(?:bide_|BIDE_)\w+/],
    ['keyword', words(C_KEYWORDS)],
  ],
  javascript: [
    ...COMMON,
    ['string', /`(?:\\[^]|[^`\\])*`/],
    ['bide', /\b(?:app|load)\b/],
    ['keyword', words(JAVASCRIPT_KEYWORDS)],
  ],
};

/** Splits source text: [kind, text] pairs; kind is null for plain text. */
export function tokens(source, language) {
  const rules = LANGUAGES[language];
  const pattern = new RegExp(rules.map(([, rule]) => `(${rule.source})`).join('|'), 'gm');
  const result = [];
  let end = 0;
  for (const match of source.matchAll(pattern)) {
    if (match.index > end) result.push([null, source.slice(end, match.index)]);
    const rule = match.slice(1).findIndex((group) => group !== undefined);
    result.push([rules[rule][0], match[0]]);
    end = match.index + match[0].length;
  }
  if (end < source.length) result.push([null, source.slice(end)]);
  return result;
}

/** A fragment of text nodes and coloured spans. */
export function highlight(source, language) {
  const fragment = document.createDocumentFragment();
  for (const [kind, text] of tokens(source, language)) {
    if (!kind) {
      fragment.append(text);
      continue;
    }
    const span = document.createElement('span');
    span.className = `t-${kind}`;
    span.textContent = text;
    fragment.append(span);
  }
  return fragment;
}
