// Finds the npm packages that the build uses, for this project and for those that
// use the installed CMake package.
//
// SPDX-License-Identifier: MIT

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The path of the main file of `name`, looked for from this file upwards and then
// from the current directory upwards; undefined if it is in neither.
export function findPackage(name) {
  for (const base of [fileURLToPath(import.meta.url), join(process.cwd(), 'here.js')]) {
    try {
      return createRequire(base).resolve(name);
    } catch {
      // not here
    }
  }
  return undefined;
}
