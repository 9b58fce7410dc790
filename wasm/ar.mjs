#!/usr/bin/env -S node --liftoff-only
// The archiver that goes with clang.mjs:  ar.mjs qc libname.a object...
//
// SPDX-License-Identifier: MIT

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expand, run, ROOT } from './clang.mjs';

const [operation, archive, ...objects] = expand(process.argv.slice(2));
const target = resolve(archive);
const files = objects.map((object) => resolve(object));

process.exitCode = await run('ar', {
  args: [operation, ROOT + target, ...files.map((file) => ROOT + file)],
  files: existsSync(target) ? [target, ...files] : files,
  includes: [],
  outputs: [target],
});
