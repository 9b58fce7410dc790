// The layers of src/: includes point one way, platforms stay in fiber/ and host/,
// and no file outgrows what one can read.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cFiles } from '../wasm/format.mjs';
import { root } from '../wasm/setup.mjs';

// Whose private headers each folder may include, besides its own.
const MAY_INCLUDE = {
  fiber: [],
  host: [],
  object: ['fiber'],
  loop: ['object', 'fiber', 'host'],
  js: ['loop', 'object', 'fiber', 'host'],
  uv: ['loop', 'object', 'fiber', 'host'],
};
const PLATFORM_FREE = ['object', 'loop'];
const PLATFORM =
  /^\s*#\s*(?:el)?if.*\b(__wasm\w*|__wasi\w*|__EMSCRIPTEN__|__linux\w*|__unix\w*|__APPLE__|_WIN32|__x86_64\w*|__aarch64\w*|__riscv\w*)/;
const LONGEST = 500; // lines

// The public headers that a layer below must not know.
const LOOP_HEADERS = /^bide\/(loop|task|future|stream|sync|queue|group|thread)\.h$/;
const OBJECT_HEADERS = /^bide\/(value|error|coroutine|protocol|parcel)\.h$/;

const lines = (path) => readFileSync(path, 'utf8').split('\n');
const includes = (path) =>
  lines(path).flatMap((line) => line.match(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/)?.[1] ?? []);

for (const folder of Object.keys(MAY_INCLUDE)) {
  describe(`src/${folder}`, () => {
    const files = readdirSync(join(root, 'src'), { withFileTypes: true }).some(
      (entry) => entry.name === folder,
    )
      ? cFiles(join(root, 'src', folder))
      : [];
    test('includes only what is below it', () => {
      const allowed = new Set([folder, ...MAY_INCLUDE[folder]]);
      for (const file of files)
        for (const header of includes(file)) {
          const layer = header.split('/')[0];
          if (layer in MAY_INCLUDE) assert.ok(allowed.has(layer), `${file} includes ${header}`);
          if (['fiber', 'host', 'object'].includes(folder))
            assert.doesNotMatch(header, LOOP_HEADERS, file);
          if (['fiber', 'host'].includes(folder)) {
            assert.doesNotMatch(header, OBJECT_HEADERS, file);
            assert.notEqual(header, 'bide.h', `${file} includes everything`);
          }
        }
    });
    if (PLATFORM_FREE.includes(folder))
      test('asks no question about the platform', () => {
        for (const file of files)
          for (const [i, line] of lines(file).entries())
            assert.doesNotMatch(line, PLATFORM, `${file}:${i + 1}`);
      });
  });
}

test(`no file of the project is longer than ${LONGEST} lines`, () => {
  const long = cFiles().filter((file) => lines(file).length > LONGEST + 1);
  assert.deepEqual(long, []);
});
