// Seeing what a program does, on every target: a race that a seed brings out, the trace
// that BIDE_TRACE writes, and what is said of slow steps and of settings that are wrong.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { targets } from './targets/index.mjs';
import { watched } from './targets/watched.mjs';
import { skipUnless, transcript } from './programs.mjs';

const SEEDS = 20;
const virtual = { BIDE_HOST: 'virtual' };

// What each target printed for the same thing: it must be the same.
const seen = new Map();
function sameEverywhere(what, text) {
  if (!seen.has(what)) seen.set(what, text);
  assert.equal(text, seen.get(what));
}

// The rules of the Trace Event Format for the phases that are used.
function checkTrace(text) {
  const events = JSON.parse(text);
  const depth = new Map();
  const arrows = new Map();
  const named = new Set();
  let last = -1;
  for (const event of events) {
    const { ph, pid, tid, ts, id, name, args } = event;
    const said = JSON.stringify(event);
    assert.ok(Number.isInteger(pid) && Number.isInteger(tid), said);
    assert.ok(ph === 'E' || typeof name === 'string', said);
    if (ph === 'M') {
      assert.equal(name, 'thread_name');
      assert.equal(typeof args.name, 'string');
      named.add(tid);
      continue;
    }
    assert.ok(named.has(tid), `${said}: its track has no name`);
    assert.ok(typeof ts === 'number' && ts > last, `${said}: not after ${last}`);
    last = ts;
    const open = depth.get(tid) ?? 0;
    if (ph === 'B') depth.set(tid, open + 1);
    else if (ph === 'E') depth.set(tid, open - 1);
    else if (ph === 'i') assert.equal(event.s, 't');
    else assert.ok(open > 0, `${said}: an arrow needs a slice to begin or end at`);
    assert.ok(depth.get(tid) >= 0 || ph === 'i', `${said}: ends what has not begun`);
    if (ph === 's') assert.ok(!arrows.has(id), said);
    if (ph === 's') arrows.set(id, name);
    if (ph === 'f') {
      assert.equal(arrows.get(id), name, `${said}: no such arrow`);
      assert.equal(event.bp, 'e');
      arrows.delete(id);
    }
    assert.ok('BEisf'.includes(ph), said);
  }
  assert.deepEqual([...depth.values()].filter(Boolean), [], 'slices that do not end');
  assert.equal(arrows.size, 0, 'arrows that lead nowhere');
  return events;
}

for (const target of [...targets, ...watched]) {
  describe(`debugging on ${target.name}`, skipUnless(target.missing()), () => {
    after(() => target.close());
    const run = (args, env) => target.run(target.programPath('debugging/program'), { args, env });

    test('a race that only some seeds lose, the same ones everywhere', async () => {
      const plain = await run(['race'], virtual);
      assert.equal(plain.status, 0, transcript(plain));
      const { stdout, stderr, status } = await run(['races', String(SEEDS)], virtual);
      assert.equal(status, 0, stderr);
      sameEverywhere('races', stdout);
      const lost = stdout.match(/^(\d+): the account is not open$/m);
      assert.ok(lost && /balance 20/.test(stdout), stdout);
      const again = await run(['race'], { ...virtual, BIDE_SEED: lost[1] });
      assert.equal(again.status, 1, transcript(again));
      assert.match(again.stderr, /RuntimeError: the account is not open/);
      assert.match(again.stderr, new RegExp(`BIDE_SEED=${lost[1]} repeats it`));
    });

    test('a trace keeps to the format', async () => {
      const { stdout, stderr, status } = await run(['trace'], {
        ...virtual,
        BIDE_TRACE: 'trace.json',
      });
      assert.equal(status, 0, stderr);
      const events = checkTrace(stdout);
      // Compilers differ in the line of a call that has several.
      sameEverywhere('trace', stdout.replace(/"line":\d+/g, ''));
      const ends = events.filter(({ ph }) => ph === 'E').map(({ args }) => args);
      assert.ok(ends.some(({ awaits }) => awaits === 'Queue.get on <Queue object>'), stdout);
      assert.ok(ends.some(({ awaits }) => awaits === 'sleep until 0.02 s'));
      assert.ok(ends.some(({ raises }) => raises === 'ValueError: a "quoted" text\nin two lines'));
      assert.ok(ends.some((args) => args.ends === 'cancelled'));
      assert.ok(events.some(({ ph, name }) => ph === 's' && name === 'wake'));
    });

    test('a slow step is reported in debug mode', async () => {
      const quiet = await run(['slow'], virtual);
      assert.equal(transcript(quiet), '--- status 0\n');
      const { stderr } = await run(['slow'], { ...virtual, BIDE_DEBUG: '1' });
      assert.match(stderr, /^Executing <Task pending name='Task-1'> took 1\.000 seconds, from its/);
    });

    test('what the exception handler raises is not lost', async () => {
      const { stderr, status } = await run(['handler'], virtual);
      assert.equal(status, 0);
      assert.match(stderr, /^Unhandled error in exception handler\n/);
      assert.match(stderr, /\nRuntimeError: no place for "Exception in callback"\n$/);
    });

    test('settings that are wrong', async () => {
      for (const [env, wanted] of [
        [{ BIDE_HOST: 'vitrual' }, /BIDE_HOST is 'vitrual', which is no host: it can be /],
        [{ BIDE_SEED: 'x' }, /BIDE_SEED is 'x': it must be a whole number/],
        [{ BIDE_TRACE: 'no/such/folder.json' }, /Error: .*no\/such\/folder\.json/],
      ]) {
        const { stderr, status } = await run(['slow'], env);
        assert.equal(status, 1);
        assert.match(stderr, wanted);
      }
    });
  });
}
