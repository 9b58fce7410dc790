// Drives the playground in headless Chromium: every example is run from the page and must
// print what it prints everywhere; input is typed, files are chosen, endless loops stopped.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { examples } from '../../web/examples/examples.mjs';
import { publish } from '../../web/publish.mjs';
import { serve } from '../../web/serve.mjs';
import { root } from '../../wasm/setup.mjs';
import { skipUnless } from '../programs.mjs';
import { launch, missing } from '../targets/chromium.mjs';
import { Playground } from './playground_page.mjs';

const screenshot = (name) => join(root, 'build', 'screenshots', `${name}.png`);
const expected = (name, kind = 'out') =>
  readFileSync(join(root, 'tests', 'examples', 'expected', `${name}.${kind}`), 'utf8');

let server, browser;
before(async () => {
  if (missing()) return;
  mkdirSync(join(root, 'build', 'screenshots'), { recursive: true });
  server = await serve(root);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

// A test with a page of its own, in which nothing may go wrong that it does not expect.
function visit(title, body, look = {}) {
  test(title, skipUnless(missing()), async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...look });
    const playground = new Playground(page, server.url);
    try {
      await body(playground, page);
      assert.deepEqual(playground.errors, []);
    } finally {
      await page.close();
    }
  });
}

describe('playground: the examples', () => {
  // Those that the page runs as the other tests do; what it asks the visitor for is below.
  for (const { name } of examples.filter((one) => one.stdin === null && !one.playground))
    visit(`${name} prints the same as everywhere`, async (playground) => {
      await playground.show(name);
      await playground.run();
      assert.equal(await playground.written('stdout'), expected(name));
      assert.equal(await playground.status(), 'Exit status 0');
    });

  for (const name of ['countdown', 'titles'])
    visit(`${name} is called from JavaScript, by keys alone`, async (playground, page) => {
      await playground.show(name);
      await page.locator('#tab-c').press('ArrowRight');
      await page.locator('#source', { hasText: "import { load } from 'bide'" }).waitFor();
      await page.keyboard.press('Control+Enter');
      await playground.until('done');
      assert.equal(await playground.written('console'), expected(name, 'javascript.out'));
    });

  visit('a run leaves nothing alive', async (playground) => {
    await playground.show('titles');
    await playground.run();
    const counted = Object.entries(await playground.stats());
    assert.notEqual(counted.length, 0);
    for (const [name, figure] of counted)
      if (/objects|handles|tasks|live/.test(name)) assert.equal(figure, '0', name);
  });
});

// In the page: what it says of the program when it shows the first that this wrote to stderr.
const stateAtFirstReport = () =>
  new Promise((resolve) => {
    const look = () => {
      if (!document.querySelector('#output .stderr')) return;
      observer.disconnect();
      resolve(document.querySelector('#status').dataset.state);
    };
    const observer = new MutationObserver(look);
    observer.observe(document.querySelector('#output'), { childList: true, subtree: true });
  });

describe('playground: input', () => {
  visit('wordcount counts what is typed into the box', async (playground, page) => {
    await playground.show('wordcount');
    await page.fill('#stdin', 'typed by hand\nin two lines, with an “ü”\n');
    await playground.run();
    assert.equal(await playground.written('stdout'), '      2       9      45\n');
  });

  visit('wordcount reports progress while its input is slow', async (playground, page) => {
    await playground.show('wordcount');
    await page.fill('#stdin', (await page.inputValue('#stdin')).repeat(3));
    await page.check('#slowly');
    const state = page.evaluate(stateAtFirstReport);
    await page.locator('#run').press('Enter');
    assert.equal(await state, 'running');
    await playground.until('done');
    assert.equal(await playground.written('stdout'), '      9      42     192\n');
    assert.ok((await playground.written('stderr')).split('\n').length > 4);
    await page.screenshot({ path: screenshot('playground') });
  });

  visit('wordcount counts chosen files, in C and in JavaScript', async (playground, page) => {
    const file = (name, text) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    await playground.show('wordcount');
    await page.setInputFiles('#files', [file('a.txt', 'one two\nthree'), file('b.txt', '\n\n')]);
    await page.fill('#stdin', '');
    await playground.run();
    const rows = ['1 3 13 a.txt', '2 0 2 b.txt', '0 0 0 -', '3 3 15 total'];
    const wanted = rows.map((row) => row.replace(/\d+ /g, (figure) => figure.padStart(8)));
    assert.equal(await playground.written('stdout'), `${wanted.join('\n')}\n`);

    await page.click('#tab-javascript');
    await playground.run();
    assert.equal(await playground.written('console'), expected('wordcount', 'javascript.out'));
  });

  visit('wordcount counts what fetch() streams', async (playground, page) => {
    await playground.show('wordcount');
    await page.click('#tab-javascript');
    await playground.run();
    const lines = ['greetings', 'countdown', 'wordcount'].map((name) => {
      const text = readFileSync(join(root, 'web', 'examples', `${name}.c`), 'utf8');
      const words = text.split(/\s+/).filter(Boolean).length;
      const bytes = Buffer.byteLength(text);
      return `${name}.c: ${text.split('\n').length - 1} lines, ${words} words, ${bytes} bytes\n`;
    });
    assert.equal(await playground.written('console'), lines.join(''));
  });
});

describe('playground: Stop', () => {
  visit('ends a loop that never awaits, and the page goes on', async (playground, page) => {
    await playground.show('endless');
    await playground.start();
    await page.locator('#output', { hasText: 'looking for an odd perfect number' }).waitFor();
    assert.equal(await playground.state(), 'running');
    await page.click('#stop');
    await playground.until('stopped');
    assert.equal(await playground.status(), 'Stopped with its Worker');
    assert.equal(await page.getAttribute('#run', 'aria-disabled'), 'false');

    await page.click('#examples a[href="#greetings"]');
    await playground.run();
    assert.equal(await playground.written('stdout'), expected('greetings'));
  });

  visit('ends a program that waits and spares its Worker', async (playground, page) => {
    // However busy the machine is, the Worker has the time to answer.
    await page.route('**/protocol.js', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/GRACE = \d+/, 'GRACE = 1_000_000');
      await route.fulfill({ response, body });
    });
    await playground.show('wordcount');
    await page.fill('#stdin', 'a line\n'.repeat(1000));
    await page.check('#slowly');
    await playground.start();
    await page.locator('#output .stderr').waitFor();
    await page.keyboard.press('Escape');
    await playground.until('stopped');
    assert.equal(await playground.status(), 'Stopped');
  });
});

describe('playground: what is missing', () => {
  visit('a module that is not built is said to be', async (playground, page) => {
    await page.route('**/greetings.wasm', (route) => route.fulfill({ status: 404 }));
    await playground.show('greetings');
    await playground.start();
    await playground.until('failed');
    const said = await page.textContent('#output .failure');
    assert.equal(said, 'greetings.wasm is not there (404).');
    assert.match(await page.textContent('#output .advice'), /npm run build/);
    playground.errors = playground.errors.filter((text) => !text.includes('404'));
  });

  visit('a file that is not WebAssembly is said to be', async (playground, page) => {
    await page.route('**/greetings.wasm', (route) => route.fulfill({ body: 'not a module' }));
    await playground.show('greetings');
    await playground.start();
    await playground.until('failed');
    assert.notEqual(await page.textContent('#output .failure'), '');
  });
});

const phone = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' };

describe('playground: everywhere', () => {
  const title = 'nothing is wider than a screen of 360 pixels';
  const look = async (playground, page) => {
    for (const { name } of examples) {
      await playground.show(name);
      assert.equal(await playground.overflows(), false, name);
    }
    await playground.show('wordcount');
    await playground.run();
    assert.equal(await playground.overflows(), false);
    await page.screenshot({ path: screenshot('playground-phone'), fullPage: true });
  };
  visit(title, look, phone);

  visit('the published folder works under any address', async (playground) => {
    const folder = mkdtempSync(join(tmpdir(), 'bide-'));
    publish(root, join(folder, 'some', 'where'));
    const plain = await serve(folder);
    try {
      playground.url = `${plain.url}some/where/`;
      await playground.show('countdown');
      await playground.run();
      assert.equal(await playground.written('stdout'), expected('countdown'));
    } finally {
      await plain.close();
      rmSync(folder, { recursive: true });
    }
  });
});
