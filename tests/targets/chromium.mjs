// The Chromium target: one headless browser for all programs; each program runs in
// a module Worker of its own, loaded through the npm package from a local server.
//
// SPDX-License-Identifier: MIT

import { join, relative } from 'node:path';
import { buildFolder } from '../../wasm/build.mjs';
import { howToInstall, parts, root } from '../../wasm/setup.mjs';
import { serve } from '../../web/serve.mjs';
import { job } from './node.mjs';

export const missing = () =>
  parts.chromium.find() ? undefined : `Chromium is not installed: ${howToInstall('chromium')}`;

const LIMIT = 60_000; // ms, as in process.mjs

// Starts Chromium. Shared with the tests that drive pages of their own.
export async function launch(flags = []) {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: parts.chromium.find(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...flags],
  });
}

async function open(flags) {
  const server = await serve(root);
  const browser = await launch(flags);
  const page = await browser.newPage();
  await page.goto(`${server.url}tests/targets/chromium.html`);
  return { server, browser, page };
}

async function collect(stdin) {
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) stdin = [stdin];
  const chunks = [];
  for await (const chunk of stdin ?? []) chunks.push(Buffer.from(chunk).toString('base64'));
  return chunks;
}

// Such a target, whose Chromium is started with `flags`.
export function chromiumWith({ name, preset, flags }) {
  let opened; // promise of { server, browser, page }
  return {
    name,
    preset,
    missing,
    programPath: (program, from = preset) => join(buildFolder(from), `${program}.wasm`),
    async run(program, options = {}) {
      opened ??= open(flags);
      const { server, page } = await opened;
      const sent = {
        ...job(program, options),
        url: server.url + relative(root, program),
        stdin: await collect(options.stdin),
        limit: LIMIT,
      };
      return page.evaluate((one) => globalThis.runProgram(one), sent);
    },
    async close() {
      if (!opened) return;
      const { server, browser } = await opened;
      opened = undefined;
      await browser.close();
      await server.close();
    },
  };
}

export const { name, preset, programPath, run, close } = chromiumWith({
  name: 'chromium',
  preset: 'wasi',
});
