// Functions that are nothing but bodies of coroutines are found, those that are more are not taken
// for one, and what shares their type and cannot suspend stays as the linker wrote it.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { findBodies } from '../../wasm/bodies.mjs';
import { buildFolder } from '../../wasm/build.mjs';
import { readModule } from '../../wasm/reader.mjs';
import { analyse } from '../../wasm/suspending.mjs';
import { skipUnless } from '../programs.mjs';
import { finished, run, toolchains } from './finished.mjs';

let binaryen;
before(async () => ({ default: binaryen } = await import('binaryen')));

const linked = (name, preset = 'wasi') =>
  readFileSync(join(buildFolder(preset), 'safety', `${name}.wasm`));

function bodiesIn(bytes) {
  const { names } = readModule(bytes);
  const found = findBodies(bytes);
  return found && [...found.bodies].map((index) => names.get(index));
}

for (const { preset, missing } of toolchains)
  describe(`bodies that are called in other ways, ${preset}`, skipUnless(missing), () => {
    for (const options of [['-g'], ['-O3'], ['-Oz']])
      test(`are suspended there, ${options}`, async () => {
        const { ended, printed } = await run(finished('bodies', { preset, options }));
        assert.deepEqual({ ended, printed }, { ended: 0, printed: '' });
      });
  });

// What Binaryen makes of a module by reading and writing it.
function written(bytes) {
  const module = binaryen.readBinary(bytes);
  binaryen.setDebugInfo(true);
  const again = module.emitBinary();
  module.dispose();
  return again;
}

// The functions of a module, as text, by their names.
function functionsOf(bytes) {
  const module = binaryen.readBinary(bytes);
  const texts = new Map();
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const { name, body } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (body) texts.set(name, binaryen.emitText(body));
  }
  module.dispose();
  return texts;
}

for (const { preset, missing } of toolchains)
  test(`what cannot be suspended stays as it was linked, ${preset}`, skipUnless(missing), () => {
    const bytes = linked('sorting_unchecked', preset);
    const { bytes: named, suspending, ends } = analyse(bytes, findBodies(bytes));
    const original = functionsOf(written(named));
    const path = finished('sorting_unchecked', { preset, options: ['-g'] });
    const after = functionsOf(readFileSync(path));
    const apart = new Set([...suspending, ...ends, 'bide__import_name']); // that finish.mjs writes
    let same = 0;
    for (const [name, text] of original) {
      if (apart.has(name)) continue;
      assert.equal(after.get(name), text, name);
      same++;
    }
    assert.ok(same > 100 && same > original.size * 0.9, `${same} of ${original.size}`);
  });

describe('bodies of coroutines', () => {
  test('are those whose address nothing else gets', () => {
    const found = bodiesIn(linked('bodies'));
    for (const name of ['sort', 'call_by_pointer']) assert.ok(found.includes(name), name);
    const others = 'only_a_body chosen not_chosen in_a_table called_by_pointer handed_on sorts';
    for (const name of others.split(' ')) assert.ok(!found.includes(name), name);
  });

  test('do not make a qsort that can be suspended', () => {
    const bytes = linked('sorting_unchecked');
    assert.ok(bodiesIn(bytes).includes('body'));
    const suspending = analyse(bytes, findBodies(bytes)).suspending;
    for (const name of ['qsort', 'sift', 'trinkle', 'compare', 'sort'])
      assert.ok(!suspending.includes(name), name);
    for (const name of ['body', 'bide__yield']) assert.ok(suspending.includes(name), name);
    assert.ok(analyse(bytes).suspending.includes('qsort'), 'by types alone');
  });

  test('are unknown if the linker left no notes, or they are not true of the module', () => {
    const bytes = linked('sorting_unchecked');
    assert.deepEqual(bodiesIn(analyse(bytes).bytes), []); // without the notes
    const [body] = findBodies(bytes).bodies;
    const { elements } = readModule(bytes);
    const { from, to } = elements.find(({ index }) => index === body);
    const other = elements.find((element) => element.index !== body && element.to - element.from === to - from);
    const changed = Buffer.from(bytes);
    changed.set(bytes.subarray(other.from, other.to), from);
    assert.deepEqual(bodiesIn(changed), []);
  });
});
