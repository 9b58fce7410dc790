// How a module suspends C: by Asyncify, or by the engine's own stack switching, and whether
// this engine has that.
//
// SPDX-License-Identifier: MIT

import { failure } from './errors.js';

const MARK = 'bide_stack_switching'; // an export; wasm/switch.wat

/** The backend of a module with these exports; undefined if it has none. */
export function backendOf(names) {
  if (names.has(MARK)) return 'stack-switching';
  return names.has('asyncify_start_unwind') ? 'asyncify' : undefined;
}

// A module with a function that resumes, resumes by throwing, and suspends.
const USES_IT = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 13, 3, 0x60, 0, 0, 0x5d, 0, 0x60, 1, 0x63, 1, 1, 0x64, 1], // (func), (cont 0), and its type
  ...[3, 2, 1, 2],
  ...[13, 3, 1, 0, 0], // a tag
  ...[10, 25, 1, 23, 0],
  ...[0x02, 0x64, 1, 0x20, 0, 0xe3, 1, 1, 0, 0, 0], // block, local.get, resume (on 0 0)
  ...[0x20, 0, 0xe4, 1, 0, 0, 0xe2, 0, 0x00, 0x0b, 0x0b], // local.get, resume_throw, suspend
]);

/** The error for a module that the engine refused because it has no stack switching, if so. */
export function lacksSwitching(bytes, from) {
  if (WebAssembly.validate(USES_IT)) return undefined;
  if (!new TextDecoder('latin1').decode(bytes).includes(MARK)) return undefined;
  return failure(
    'BIDE_NO_STACK_SWITCHING',
    `load(): ${from} was built for engines with WebAssembly stack switching, which this one has not: in Node 26 it wants --experimental-wasm-wasmfx, in Chromium --js-flags=--wasm-wasmfx; or build the module with Asyncify (CMake: BIDE_FIBER=asyncify), which runs everywhere`,
  );
}
