// One version, in the four places that state it.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../wasm/setup.mjs';

const first = (path, pattern) => readFileSync(join(root, path), 'utf8').match(pattern)?.[1];

test('the version is the same everywhere', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert.equal(first('CMakeLists.txt', /project\(bide VERSION (\S+)/), version);
  assert.equal(first('src/include/bide.h', /#define BIDE_VERSION "(.*)"/), version);
  assert.equal(first('package-lock.json', /"version": "(.*)"/), version);
});

test('the change log speaks of it', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert.equal(first('CHANGELOG.md', /^## \[?(\d\S*?)\]?(?:\s|$)/m), version);
});
