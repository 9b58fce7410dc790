// C that runs out of its stack without ever awaiting: the program ends before a byte outside of that
// stack is written.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { TrapError, load } from 'bide';
import { skipUnless, transcript } from '../programs.mjs';
import * as wasmtime from '../targets/wasmtime.mjs';
import { finished, run, toolchains, watch } from './finished.mjs';

// Which program, finished how: `stacks` is linked for the report that plain C makes.
const BUILDS = {
  'a debug build': ['stacks', ['-g']],
  'an optimised build': ['stacks', ['-O3']],
  'an optimised build without the check': ['stacks_unchecked', ['-O3']],
  'a small one without the check': ['stacks_unchecked', ['-Oz']],
};
const OF_FIBERS = ['recursion', 'small', 'leap', 'around', 'leaves', 'nested'];
const OF_THE_PROGRAM = { plain: "'victim'", later: "'victim'", main: 'the program' };
const RESERVE = 8192; // the report's own stack

// The first and the last place where the two differ, of those in and those not in [low, high).
function differences(before, after, low, high) {
  const found = { inside: 0, outside: [] };
  for (let at = 0; at < before.length; at++) {
    if (before[at] === after[at]) continue;
    if (at >= low && at < high) found.inside++;
    else found.outside.push(at);
  }
  return found;
}

// Runs it: where its stack was, what was written in it and elsewhere.
async function overflow(program, way) {
  const { printed, before, after, error } = await watch(program, [way]);
  const [, low, size] = printed.match(/^stack (\d+) (\d+)\n/).map(Number);
  assert.ok(error instanceof WebAssembly.RuntimeError, String(error));
  return { printed, size, error, ...differences(before, after, low, low + size) };
}

for (const { preset, missing } of toolchains)
  for (const [build, [name, options]] of Object.entries(BUILDS))
    describe(`C stacks in ${build} by ${preset}`, skipUnless(missing), () => {
      let path;
      const program = () => (path ??= finished(name, { preset, options }));
      for (const way of OF_FIBERS)
        test(`${way}: nothing outside is written`, async () => {
          const { printed, size, inside, outside } = await overflow(program(), way);
          const report = `bide: stack overflow: 'victim' used up its stack of ${size} bytes.`;
          assert.ok(printed.includes(report), printed);
          assert.match(printed, /Make the recursion shallower .*\.\n$/);
          const atOnce = ['leap', 'around'].includes(way);
          assert.ok(atOnce || inside > size / 4, `${inside} bytes of the stack were used`);
          const own = (await overflow(program(), 'main')).size; // where the report is made
          assert.ok(!(outside.at(-1) >= own), `written at ${outside.at(-1)}`);
        });

      for (const [way, who] of Object.entries(OF_THE_PROGRAM))
        test(`${way}: nothing outside of the program's own is written`, async () => {
          const { printed, size, error, inside, outside } = await overflow(program(), way);
          const report = `bide: stack overflow: ${who} used up the program's own stack of ${size} `;
          assert.equal(printed.includes(report), name === 'stacks', printed);
          if (name !== 'stacks') assert.match(error.message, /out of bounds/);
          assert.ok(inside > size / 2, `${inside} bytes of the stack were used`);
          const width = outside.at(-1) - outside[0];
          assert.ok(!(width >= RESERVE + 64), `from ${outside[0]} to ${outside.at(-1)}`);
          assert.ok(name === 'stacks' || outside.length === 0, `written at ${outside[0]}`);
        });

      test('what fits runs', async () => {
        const { ended, error } = await watch(program(), ['fits']);
        assert.equal(error, undefined);
        assert.equal(ended, 0);
      });

      if (preset === 'wasi-stack-switching') return; // wasmtime has none

      test('under wasmtime', skipUnless(wasmtime.missing()), async () => {
        const result = await wasmtime.run(program(), { args: ['nested'] });
        assert.match(result.stderr, /^bide: stack overflow: 'victim' used up its stack of \d+ /);
        assert.notEqual(result.status, 0, transcript(result));
      });
    });

describe('the package tells why an instance can be called no more', () => {
  const reason = /stack overflow: '(victim|fall)' used up (its|the program's own) stack of \d+ bytes/;

  test('of a program without a loop', async () => {
    const { app, error } = await run(finished('stacks'), ['recursion']);
    assert.ok(error instanceof TrapError);
    assert.match(error.message, /^C trapped \(unreachable, bide: .*load\(\) a new instance$/);
    assert.match(error.message, reason);
    await assert.rejects(app.run(), error);
  });

  test('of one that JavaScript calls', async () => {
    const stderr = () => {};
    const app = await load(readFileSync(finished('calls')), { stderr });
    const other = app.call('wait_long').catch((error) => error);
    const trap = await app.call('fall').catch((error) => error);
    assert.ok(trap instanceof TrapError);
    assert.match(trap.message, reason);
    assert.equal(await other, trap);
    const refusal = { code: 'BIDE_TRAPPED', cause: trap, message: reason };
    await assert.rejects(app.call('wait_long'), refusal);
  });

  test('of one that cannot tell itself', async () => {
    const app = await load(readFileSync(finished('calls_unchecked')));
    const trap = await app.call('fall').catch((error) => error);
    assert.ok(trap instanceof TrapError);
    const message = /^C trapped \(memory access out of bounds: stack overflow.*BIDE_CHECK_STACKS=ON/;
    assert.match(trap.message, message);
    await assert.rejects(app.call('fall'), { code: 'BIDE_TRAPPED', message: /: stack overflow/ });
  });
});
