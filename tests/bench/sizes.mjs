// What programs weigh: WebAssembly modules with and without Asyncify's instrumentation,
// and the npm package; raw and as gzip -9.
//
// SPDX-License-Identifier: MIT

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { optimiseOnly } from '../../wasm/finish.mjs';
import { root } from '../../wasm/setup.mjs';
import { buildFolder } from './build.mjs';

const weigh = (name, bytes) => ({
  name,
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
});

const built = (name) => readFileSync(join(buildFolder('sizes'), `${name}.wasm`));

// The same, only linked, and optimised as finish.mjs does.
function withoutAsyncify(name) {
  const path = join(buildFolder('sizes'), `${name}_without.wasm`);
  optimiseOnly(join(buildFolder('sizes'), `${name}_linked.wasm`), path, ['-Oz']);
  return readFileSync(path);
}

export function sizes() {
  const list = [];
  for (const [name, what] of [
    ['generator', 'smallest program with a generator'],
    ['greetings', 'the example greetings'],
  ]) {
    const own = weigh(what, built(name));
    const without = weigh('  without Asyncify', withoutAsyncify(name));
    list.push({ ...own, growth: own.gzip / without.gzip - 1 }, without);
  }
  const folder = join(root, 'js');
  const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
  list.push(weigh(`js/, ${files.length} files`, Buffer.concat(files.map((f) => readFileSync(join(folder, f))))));
  return list;
}
