// C that runs out of its stack without ever awaiting: the program ends with a report before a byte
// outside of that stack is written.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { TrapError, load } from 'bide';
import { skipUnless, transcript } from '../programs.mjs';
import * as wasmtime from '../targets/wasmtime.mjs';
import { finished, run, toolchains, watch } from './finished.mjs';

const BUILDS = { 'a debug build': ['-g'], 'an optimised build': ['-O3'], 'a small one': ['-Oz'] };
const OVERFLOWS = ['recursion', 'small', 'leap', 'leaves', 'nested', 'main'];
const RESERVE = 8192; // the report's own stack

const reportOf = (way, size) =>
  way === 'main'
    ? `bide: stack overflow: the program used up its own stack of ${size} bytes, outside of any coroutine.`
    : `bide: stack overflow: 'victim' used up its stack of ${size} bytes.`;

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

for (const { preset, missing } of toolchains)
  for (const [build, options] of Object.entries(BUILDS))
    describe(`C stacks in ${build} by ${preset}`, skipUnless(missing), () => {
      let path;
      const program = () => (path ??= finished('stacks', { preset, options }));
      for (const way of OVERFLOWS)
        test(`${way}: nothing outside is written`, async () => {
          const { printed, before, after, error } = await watch(program(), [way]);
          const [, low, size] = printed.match(/^stack (\d+) (\d+)\n/).map(Number);
          assert.ok(printed.includes(reportOf(way, size)), printed);
          assert.match(printed, /Make the recursion shallower .*\.\n$/);
          assert.ok(error instanceof WebAssembly.RuntimeError, String(error));
          const { inside, outside } = differences(before, after, low, low + size);
          assert.ok(way === 'leap' || inside > size / 4, `${inside} bytes of the stack were used`);
          const width = outside.at(-1) - outside[0];
          assert.ok(width < RESERVE + 64, `written from ${outside[0]} to ${outside.at(-1)}`);
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
  const reason = /stack overflow: '(victim|fall)' used up its stack of \d+ bytes/;

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
});
