// snippet.js - the JavaScript of an example as the module that a reader would write.
//
// SPDX-License-Identifier: MIT

// The lines of a function's body, without the indentation they share.
function bodyOf(fn) {
  const lines = fn.toString().split('\n').slice(1, -1);
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(depth)).join('\n');
}

/**
 * @param {import('./examples/examples.mjs').Example} example
 * @returns {Promise<string>}
 */
export async function javascriptOf({ name, imports, javascript }) {
  const lent = Object.keys(imports);
  const options = lent.length ? `, {\n  imports: { ${lent.join(', ')} },\n}` : '';
  return [
    "import { load } from 'bide';",
    ...lent.map((key) => imports[key].toString()),
    `const app = await load(new URL('./${name}.wasm', import.meta.url)${options});`,
    bodyOf(javascript),
  ].join('\n\n');
}
