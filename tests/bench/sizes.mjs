// What programs weigh: WebAssembly modules with and without Asyncify's instrumentation,
// and the npm package; raw and as gzip -9.
//
// SPDX-License-Identifier: MIT

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../wasm/setup.mjs';
import { buildFolder } from './build.mjs';

const weigh = (name, bytes) => ({
  name,
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
});

const built = (name) => readFileSync(join(buildFolder('sizes'), `${name}.wasm`));

// A linked module, optimised as finish.mjs does, but not instrumented.
async function optimised(name) {
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.readBinary(built(name));
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  module.setFeatures(
    binaryen.Features.MVP |
      binaryen.Features.MutableGlobals |
      binaryen.Features.SignExt |
      binaryen.Features.NontrappingFPToInt |
      binaryen.Features.BulkMemory |
      binaryen.Features.BulkMemoryOpt |
      binaryen.Features.Multivalue |
      binaryen.Features.ReferenceTypes,
  );
  module.optimize();
  return Buffer.from(module.emitBinary());
}

export async function sizes() {
  const list = [];
  for (const [name, what] of [
    ['generator', 'smallest program with a generator'],
    ['greetings', 'the example greetings'],
  ]) {
    list.push(weigh(what, built(name)));
    list.push(weigh('  without Asyncify', await optimised(`${name}_plain`)));
  }
  const folder = join(root, 'js');
  const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
  list.push(weigh(`js/, ${files.length} files`, Buffer.concat(files.map((f) => readFileSync(join(folder, f))))));
  return list;
}
