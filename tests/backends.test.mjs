// The fiber backends that this machine does not choose: every unit program and every
// conformance case with each. Foreign ones run under an emulator; ucontext runs here.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { buildFolder } from '../wasm/build.mjs';
import { backends, howToInstall, parts, root, which } from '../wasm/setup.mjs';
import { runProcess } from './targets/process.mjs';
import { Wine } from './targets/wine.mjs';
import { namesIn, needsLibuv, skipUnless, transcript, unlessLibuv } from './programs.mjs';

const SKIPPED = 77;
const units = namesIn('tests/unit');
const cases = namesIn('tests/conformance').filter((name) => /^[a-z]\d\d_/.test(name));
// These use POSIX themselves, or threads; and wine takes long to start.
const NOT_ON_WINDOWS =
  /^(executor|faults|host|interrupt|observe|settings|stream|threads_.*|threadsafe)$/;
const SUBSET_ON_WINDOWS = /^[acgw]|^f0|^x0/;

const wine = new Wine('wine');
after(() => wine.end());

for (const { preset, part, emulator, suffix = '' } of backends) {
  const missing =
    part && !parts[part].find() ? `${part} is not installed: ${howToInstall(part)}` : undefined;
  const windows = emulator === 'wine';
  // Runs a program of this preset.
  const run = async (program, ...args) => {
    const path = join(buildFolder(preset), program + suffix);
    assert.ok(existsSync(path), `${path} is not there: node wasm/build.mjs ${preset}`);
    if (windows) return wine.run(path, args);
    const [command, ...before] = emulator ? [which(emulator), path] : [path];
    return runProcess(command, [...before, ...args]);
  };

  describe(`unit with ${preset}`, { concurrency: 2, ...skipUnless(missing) }, () => {
    // There is no libuv here for another processor.
    const here = (name) =>
      (!emulator || !needsLibuv(name)) && (!windows || !NOT_ON_WINDOWS.test(name));
    for (const unit of units.filter(here))
      test(unit, unlessLibuv(unit), async (t) => {
        const result = await run(`unit/${unit}`);
        if (result.status === SKIPPED) t.skip(result.stdout.trim());
        else assert.equal(result.status, 0, transcript(result));
      });
  });

  describe(`conformance with ${preset}`, { concurrency: 2, ...skipUnless(missing) }, () => {
    for (const name of cases.filter((one) => !windows || SUBSET_ON_WINDOWS.test(one)))
      test(name, async () => {
        const { stdout, stderr, status } = await run('conformance/conformance', name);
        const expected = join(root, 'tests/conformance/expected', `${name}.expected`);
        assert.equal(stdout, readFileSync(expected, 'utf8'), stderr);
        assert.equal(status, 0, stderr);
      });
  });
}
