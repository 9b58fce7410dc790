// Makes a folder that any static file server can serve, at any address:
//
//   node web/publish.mjs [FOLDER]     build/playground unless said otherwise
//
// It holds the page, the npm package, the WASI package and the examples' modules, which
// must have been built (npm run build), each at the place where it is in the repository.
//
// SPDX-License-Identifier: MIT

import { cpSync, mkdirSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importable, SHIM } from './serve.mjs';

const WASM = 'build/wasi/examples';
const PARTS = {
  web: /\.(?:html|css|js|c)$|^examples\.mjs$/,
  js: /\.js$/,
  [SHIM]: /\.js$/,
  [WASM]: /\.wasm$/,
};
const TOP = '<!doctype html><meta http-equiv="refresh" content="0; url=web/" /><title>Bide</title>\n';

// The paths, below `root`, of the files in `folder` that have one of the names wanted.
function filesIn(root, folder, wanted) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(root, path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}

/** Publishes the playground of the repository at `root`. */
export function publish(root, folder) {
  const paths = Object.entries(PARTS).flatMap(([part, wanted]) => filesIn(root, part, wanted));
  for (const path of paths) {
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    if (/\.m?js$/.test(path)) {
      const source = readFileSync(join(root, path), 'utf8');
      writeFileSync(to, importable(source, root, join(root, path)));
    } else {
      cpSync(join(root, path), to);
    }
  }
  writeFileSync(join(folder, 'index.html'), TOP);
  return paths.length;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const folder = resolve(process.argv[2] ?? join(root, 'build', 'playground'));
  try {
    console.log(`${publish(root, folder)} files are in ${folder}`);
  } catch (error) {
    console.error(error.code === 'ENOENT' ? `${error.path} is missing: run npm run build` : error);
    process.exitCode = 1;
  }
}
