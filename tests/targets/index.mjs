// The four targets, behind one interface:
//
//   name                       what it is called in reports
//   preset                     the CMake preset whose programs it runs
//   missing()                  why it cannot run here, or undefined
//   programPath(name, preset?) where the build put the program
//   run(path, { args, stdin, env, files, hear }) → { stdout, stderr, status }
//                              with files ({ name: contents }) in the current directory; `hear`,
//                              but for Chromium's, is given what comes on stderr when it comes
//   close()                    ends what is shared between runs
//
// SPDX-License-Identifier: MIT

import * as native from './native.mjs';
import * as wasmtime from './wasmtime.mjs';
import * as node from './node.mjs';
import * as chromium from './chromium.mjs';
import { chromium as switchingChromium, node26 } from './stack_switching.mjs';

export const targets = [native, wasmtime, node, chromium];

// And the engines that must be asked for what the second WebAssembly backend needs.
export const everywhere = [...targets, node26, switchingChromium];
