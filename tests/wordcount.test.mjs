// What web/examples/wordcount.c promises beside counting, on every target.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, describe, test } from 'node:test';
import { skipUnless } from './programs.mjs';
import * as chromium from './targets/chromium.mjs';
import { targets } from './targets/index.mjs';
import { watched } from './targets/watched.mjs';

for (const target of [...targets, ...watched])
  describe(`wordcount on ${target.name}`, skipUnless(target.missing()), () => {
    const wordcount = (options) => target.run(target.programPath('examples/wordcount'), options);
    after(() => target.close());

    test('a file that is not there is reported and the others are counted', async () => {
      const files = { one: 'a b\n', two: 'c' };
      const { stdout, stderr, status } = await wordcount({ args: ['no', 'one', 'two'], files });
      assert.match(stderr, /^wordcount: no: No such file or directory$/m);
      const rows = ['1 2 4 one', '0 1 1 two', '1 3 5 total'];
      const wanted = rows.map((row) => row.replace(/\d+ /g, (figure) => figure.padStart(8)));
      assert.equal(stdout, `${wanted.join('\n')}\n`);
      assert.equal(status, 1);
    });

    test('a directory is reported', async () => {
      const { stdout, stderr, status } = await wordcount({ args: ['.', '-'], stdin: 'x\n' });
      assert.match(stderr, /^wordcount: \.: \w/m);
      assert.match(stdout, /^ +1 +1 +2 -$/m);
      assert.equal(status, 1);
    });

    test('input that is closed at once', async () => {
      const { stdout, stderr, status } = await wordcount({});
      assert.deepEqual({ stdout, status }, { stdout: '      0       0       0\n', status: 0 });
      assert.equal(stderr, '');
    });

    test('more input than any buffer holds, and words cut by its edges', async () => {
      const { stdout, status } = await wordcount({ stdin: 'twelve chars\n'.repeat(50_000) });
      assert.deepEqual({ stdout, status }, { stdout: '  50000  100000  650000\n', status: 0 });
    });

    // The Chromium target is given all its input at once; the playground's test has a slow one.
    if (target === chromium) return;
    test('progress goes on while a slow pipe is read', async () => {
      const heard = new EventEmitter();
      let reports = '';
      const hear = (text) => heard.emit('more', (reports += text));
      // Each word comes when the program has reported that it waits for it.
      async function* slowly() {
        let bytes = 0;
        for (const word of ['one ', 'two\n', 'three\n']) {
          while (!reports.includes(`wordcount: ${bytes} bytes so far\n`)) await once(heard, 'more');
          yield word;
          bytes += word.length;
        }
      }
      const { stdout, stderr, status } = await wordcount({ stdin: slowly(), hear });
      assert.deepEqual({ stdout, status }, { stdout: '      2       3      14\n', status: 0 });
      assert.match(stderr, /^(wordcount: (0|4|8|14) bytes so far\n){3,}$/);
    });
  });
