// What the tests that run C programs on the targets share: finding the programs,
// skipping a target that is not here, and checking what a program left behind.
//
// SPDX-License-Identifier: MIT

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { howToInstall, parts, root } from '../wasm/setup.mjs';

// The names, without the ending, of the files of `folder` that end in `ending`.
export function namesIn(folder, ending = '.c') {
  let entries = [];
  try {
    entries = readdirSync(join(root, folder));
  } catch {
    return []; // no such folder, no programs
  }
  return entries
    .filter((name) => name.endsWith(ending))
    .map((name) => basename(name, ending))
    .sort();
}

// What a conformance case must print on `target`. Where there are no threads, a case about
// them says that it is skipped, and shows that the calls raise.
export function expectedTrace(name, target) {
  const path = join(root, 'tests', 'conformance', 'expected', `${name}.expected`);
  const without = `${path}-without-threads`;
  const threadless = target.preset !== 'native' && existsSync(without);
  return readFileSync(threadless ? without : path, 'utf8');
}

// What to give `test` for a part that is missing. With BIDE_NO_SKIPS set the test
// runs all the same and fails.
export function skipUnless(missing) {
  return missing && !process.env.BIDE_NO_SKIPS ? { skip: missing } : {};
}

// The unit programs that are for native targets alone, and those among them that are linked with
// libuv: what a target has not is no test that was skipped there.
export const needsLibuv = (unit) => unit.startsWith('uv_');
export const isNativeOnly = (unit) =>
  unit.startsWith('threads') || ['faults', 'interrupt'].includes(unit) || needsLibuv(unit);

// Runs one. On WebAssembly they are parts of one program, which is told which to run.
export const runUnit = (target, unit) =>
  target.preset === 'native'
    ? target.run(target.programPath(`unit/${unit}`))
    : target.run(target.programPath('unit/units'), { args: [unit] });

// What to give `test` for such a program.
export const unlessLibuv = (unit) =>
  skipUnless(
    needsLibuv(unit) && !parts.libuv.find()
      ? `libuv is not installed: ${howToInstall('libuv')}`
      : undefined,
  );

// A program's output in one text, for a comparison that shows everything.
export function transcript({ stdout, stderr, status }) {
  return `${stdout}${stderr && `--- stderr\n${stderr}`}--- status ${status}\n`;
}
