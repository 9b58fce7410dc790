// The package: C coroutines for JavaScript. Described in index.d.ts.
//
// SPDX-License-Identifier: MIT

export { load } from './load.js';
export { BideError, CancelledError, TrapError } from './errors.js';
