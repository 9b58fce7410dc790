// Every C file is formatted as .clang-format says (npm run format does it).
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from '../wasm/format.mjs';
import { howToInstall, parts } from '../wasm/setup.mjs';
import { skipUnless } from './programs.mjs';

const missing = parts['clang-format'].find()
  ? undefined
  : `clang-format-19 is not installed: ${howToInstall('clang-format')}`;

test('the C files are formatted', skipUnless(missing), () => {
  assert.equal(format({ check: true }), '', 'run: npm run format');
});
