// A static file server, for the playground and for the tests in a browser.
//
//   node web/serve.mjs [port]     sets up, builds the examples and serves the playground
//
// Files are served as they lie, with two courtesies: the top leads to the playground, and
// in JavaScript the bare name of the WASI package becomes its address, because Workers
// have no import maps. publish.mjs makes a folder for any other server.
//
// SPDX-License-Identifier: MIT

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, extname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.c': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};
const BARE = /(['"])@bjorn3\/browser_wasi_shim\1/g;
export const SHIM = 'node_modules/@bjorn3/browser_wasi_shim/dist';

// The JavaScript of `path`, a file below `root`, as a browser can import it.
export function importable(source, root, path) {
  const address = relative(dirname(path), join(root, SHIM, 'index.js')).split(sep).join('/');
  return source.replace(BARE, `'${address.startsWith('.') ? '' : './'}${address}'`);
}

async function answer(root, request, response) {
  const { pathname } = new URL(request.url, 'http://x');
  let path = join(root, normalize(decodeURIComponent(pathname)));
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    const toPlayground = pathname === '/' && existsSync(join(root, 'web', 'index.html'));
    const location = toPlayground ? '/web/' : pathname.endsWith('/') ? undefined : `${pathname}/`;
    if (location) return void response.writeHead(302, { location }).end();
    path = join(path, 'index.html');
  }
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  const headers = { 'content-type': type, 'cache-control': 'no-store' };
  if (type.startsWith('text/javascript')) {
    const source = await readFile(path, 'utf8');
    response.writeHead(200, headers).end(importable(source, root, path));
    return;
  }
  await stat(path);
  createReadStream(path).pipe(response.writeHead(200, headers));
}

// Serves `root` on this machine only. Returns { url, close }.
export async function serve(root, port = 0) {
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.writeHead(404).end('not found'));
  });
  await new Promise((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  );
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { root, setup } = await import('../wasm/setup.mjs');
  const { build } = await import('../wasm/build.mjs');
  setup('demo');
  await build('wasi', { target: 'examples' });
  const wanted = Number(process.argv[2] ?? 8080);
  const { url } = await serve(root, wanted).catch((error) => {
    if (error.code !== 'EADDRINUSE' || process.argv[2]) throw error;
    return serve(root); // someone else has 8080: any port does
  });
  console.log(`The playground is at ${url}web/   (Ctrl-C ends it)`);
}
