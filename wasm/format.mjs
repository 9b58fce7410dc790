// Formats every C file:  node wasm/format.mjs     (--check: only says which need it)
//
// SPDX-License-Identifier: MIT

import { spawnSync } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { howToInstall, parts, root } from './setup.mjs';

const FOLDERS = ['src', 'wasm', 'tests', 'web'];

// Every .c and .h file of the project's own.
export function cFiles(folder) {
  if (!folder) return FOLDERS.flatMap((name) => cFiles(join(root, name)));
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : cFiles(path);
    return /\.[ch]$/.test(entry.name) ? [path] : [];
  });
}

// Runs clang-format over every C file. Returns its complaints, empty when all is well.
export function format({ check = false } = {}) {
  const args = check ? ['--dry-run', '-Werror'] : ['-i'];
  const result = spawnSync(parts['clang-format'].find(), [...args, ...cFiles()], {
    encoding: 'utf8',
  });
  return result.status === 0 ? '' : result.stderr || String(result.error);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (!parts['clang-format'].find()) {
    console.error(`clang-format is not installed: ${howToInstall('clang-format')}`);
    process.exitCode = 1;
  } else {
    const complaints = format({ check: process.argv.includes('--check') });
    process.stderr.write(complaints);
    process.exitCode = complaints ? 1 : 0;
  }
}
