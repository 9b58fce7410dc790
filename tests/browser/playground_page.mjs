// The playground as a visitor's hands and eyes: what playground.test.mjs does with it.
//
// SPDX-License-Identifier: MIT

const LIMIT = 60_000; // ms, as in process.mjs

export class Playground {
  /** @param {import('playwright-core').Page} page @param {string} url of the server */
  constructor(page, url) {
    this.page = page;
    this.url = url;
    this.errors = []; // logged by the page, or thrown in it
    page.setDefaultTimeout(LIMIT);
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (one) => one.type() === 'error' && this.errors.push(one.text()));
  }

  // Chooses an example and waits for its source.
  async show(name) {
    await this.page.goto(`${this.url}web/#${name}`);
    await this.page.locator('#source', { hasText: 'bide' }).waitFor();
  }

  // ready, running, stopping, done, stopped or failed
  state() {
    return this.page.getAttribute('#status', 'data-state');
  }

  status() {
    return this.page.textContent('#status-text');
  }

  start() {
    return this.page.click('#run');
  }

  until(state) {
    return this.page.locator(`#status[data-state=${state}]`).waitFor();
  }

  // Runs to a good end, and says what was printed if it is a bad one.
  async run() {
    await this.start();
    await this.page.locator('#status:is([data-state=done], [data-state=failed])').waitFor();
    if ((await this.state()) !== 'done') throw new Error(await this.page.textContent('#output'));
  }

  // What was printed so far on stdout, stderr or JavaScript's console.
  async written(channel) {
    return (await this.page.locator(`#output .${channel}`).allTextContents()).join('');
  }

  // What was alive at the end, { name: figure }.
  async stats() {
    const names = await this.page.locator('#stats dt').allTextContents();
    const figures = await this.page.locator('#stats dd').allTextContents();
    return Object.fromEntries(names.map((name, i) => [name, figures[i]]));
  }

  // Whether the page is wider than its window.
  overflows() {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth > clientWidth;
    });
  }
}
