// The targets whose engines have the stack-switching proposal: the programs that were built with
// BIDE_FIBER=stack_switching, in Node 26 and in Chromium, both of which want to be asked for it.
//
// wasmtime is not among them: what PyPI has of it (50.0.1) takes the setting and compiles the
// instructions, but was built without them, and panics at the first cont.new.
//
// SPDX-License-Identifier: MIT

import { howToInstall, parts } from '../../wasm/setup.mjs';
import { chromiumWith } from './chromium.mjs';
import { nodeWith } from './node.mjs';

const preset = 'wasi-stack-switching';

// What Node is started with, for the tests that start it themselves.
export const flags = ['--experimental-wasm-wasmfx'];
export const findNode = () => parts['node 26'].find();
const missing = () =>
  findNode() ? undefined : `Node 26 is not installed: ${howToInstall('node 26')}`;

export const node26 = {
  missing,
  ...nodeWith({ name: 'node 26, stack switching', preset, findNode, flags }),
};

export const chromium = chromiumWith({
  name: 'chromium, stack switching',
  preset,
  flags: ['--js-flags=--wasm-wasmfx'],
});
