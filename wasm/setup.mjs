// Set-up: finds what the build and the tests need, and installs what is missing.
//
// Everything goes into node_modules/ and build/, except that, as root on a machine
// with apt-get, missing system packages are installed. It may be run any number of
// times; what is there already is left alone. It uses Node's own modules only,
// because it is what installs the others.
//
//   node wasm/setup.mjs [demo | test]
//
// SPDX-License-Identifier: MIT

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const venv = join(root, 'build', 'python');
// In a folder of its own: in node_modules/ it would be the `node` of all scripts of package.json.
const node26Folder = join(root, 'build', 'node-26');
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const node26Package = `node${platform === 'darwin-arm64' ? '-bin' : ''}-${platform}`;
const node26 = join(node26Folder, 'node_modules', node26Package, 'bin', 'node');
const npmNode26 = [
  'install',
  '--no-save',
  '--no-audit',
  '--no-fund',
  '--prefix',
  node26Folder,
  `${node26Package}@26.10.0`,
];
const lockStamp = join(root, 'build', 'npm.stamp');

// Returns the path of the first of `names` found on PATH, or in the project's own venv.
export function which(...names) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(venv, 'bin')];
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not here
      }
    }
  }
  return undefined;
}

const versions = (tool) => ['19', '18', '17', '16', '15', '14'].map((n) => `${tool}-${n}`);
const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
const libuvHeader = () => present('/usr/include/uv.h') ?? present('/usr/local/include/uv.h');
const present = (path) => (path && existsSync(path) ? path : undefined);

// Runs a command, showing its output only when it fails. Returns whether it succeeded.
function quietly(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.status === 0) return true;
  process.stderr.write(
    `  failed: ${command} ${args.join(' ')}\n${result.stdout ?? ''}${result.stderr ?? result.error}`,
  );
  return false;
}

function pipInstall(packages) {
  const python = which('python3');
  if (!python) return;
  const pip = join(venv, 'bin', 'python3');
  const probe = spawnSync(python, ['-m', 'ensurepip', '--version']);
  if (
    !existsSync(join(venv, 'bin', 'pip')) &&
    (probe.status !== 0 || !quietly(python, ['-m', 'venv', venv]))
  )
    return;
  quietly(pip, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', packages]);
}

// Each part: how it is found, why it is wanted, and how it can be had: by `install`,
// which needs no root, or from the system's packages named in `apt`.
export const parts = {
  'npm packages': {
    why: 'Binaryen, which instruments WebAssembly; a clang for machines without one; the browser driver',
    find: () =>
      present(lockStamp) && readFileSync(lockStamp, 'utf8') === lockHash()
        ? present(join(root, 'node_modules'))
        : undefined,
    install() {
      if (quietly('npm', ['ci', '--no-audit', '--no-fund'])) writeFileSync(lockStamp, lockHash());
    },
    hint: 'npm ci',
  },
  'C compiler': {
    why: 'the native build',
    find: () => which(process.env.CC ?? 'cc', 'gcc', 'clang'),
    apt: ['gcc', 'libc6-dev'],
  },
  cmake: {
    why: 'the build',
    find: () => which('cmake'),
    apt: ['cmake'],
    install: () => pipInstall('cmake==3.31.6'),
  },
  python3: { why: 'the wasmtime runner', find: () => which('python3'), apt: ['python3'] },
  'build tool': {
    why: 'cmake drives ninja or make',
    find: () => which('ninja', 'make', 'gmake'),
    install: () => pipInstall('ninja==1.13.0'),
    apt: ['ninja-build'],
  },
  wasmtime: {
    why: 'running WebAssembly with no JavaScript at all',
    find: () => which('wasmtime') ?? present(join(venv, 'wasmtime.stamp')),
    install() {
      pipInstall('wasmtime==50.0.1');
      const python = join(venv, 'bin', 'python3');
      if (spawnSync(python, ['-c', 'import wasmtime']).status === 0)
        writeFileSync(join(venv, 'wasmtime.stamp'), '');
    },
    apt: ['python3-venv'],
  },
  'node 26': {
    why: 'an engine with stack switching, for the second WebAssembly backend',
    find: () => (process.versions.node.startsWith('26.') ? process.execPath : present(node26)),
    install: () => quietly('npm', npmNode26),
    hint: `npm ${npmNode26.join(' ')}`,
  },
  chromium: {
    why: 'running programs and the playground in a browser',
    find: () => process.env.CHROMIUM_PATH ?? which('chromium', 'chromium-browser', 'google-chrome'),
    apt: ['chromium'],
  },
  clang: {
    why: 'checking where await is allowed (-Wthread-safety)',
    find: () => which(...versions('clang')),
    apt: ['clang-19', 'libclang-rt-19-dev'],
  },
  'clang for WASI': {
    why: 'a WebAssembly build an order of magnitude quicker than with the npm clang',
    find: () =>
      process.env.WASI_SDK_PATH ??
      (which(...versions('wasm-ld')) && present('/usr/lib/wasm32-wasi/libc.a')),
    apt: ['clang-19', 'lld-19', 'llvm-19', 'wasi-libc', 'libclang-rt-19-dev-wasm32'],
  },
  'clang-format': {
    why: 'checking the formatting of C',
    find: () => which('clang-format-19'),
    apt: ['clang-format-19'],
  },
  emscripten: { why: 'the build with emcc', find: () => which('emcc'), apt: ['emscripten'] },
  libuv: {
    why: 'bide::uv: TCP, names, files, child processes, signals',
    find: () => libuvHeader(),
    apt: ['libuv1-dev'],
  },
  'AArch64 cross compiler': {
    why: 'the tests on AArch64, under qemu',
    find: () => which('qemu-aarch64') && which('aarch64-linux-gnu-gcc'),
    apt: ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross', 'qemu-user'],
  },
  'RISC-V cross compiler': {
    why: 'the tests on RISC-V, under qemu',
    find: () => which('qemu-riscv64') && which('riscv64-linux-gnu-gcc'),
    apt: ['gcc-riscv64-linux-gnu', 'libc6-dev-riscv64-cross', 'qemu-user'],
  },
  'Windows cross compiler': {
    why: 'the tests on Windows, under wine',
    find: () => which('wine') && which('x86_64-w64-mingw32-gcc-posix'),
    apt: ['gcc-mingw-w64-x86-64-posix', 'wine', 'wine64'],
  },
  gdb: { why: 'checking what debuggers see of a fiber', find: () => which('gdb'), apt: ['gdb'] },
  valgrind: { why: 'checking native memory use', find: () => which('valgrind'), apt: ['valgrind'] },
};

// The presets for fiber backends that this machine would not choose, the part each needs, and
// what runs its programs.
export const backends = [
  { preset: 'ucontext' },
  { preset: 'aarch64', part: 'AArch64 cross compiler', emulator: 'qemu-aarch64' },
  { preset: 'riscv64', part: 'RISC-V cross compiler', emulator: 'qemu-riscv64' },
  { preset: 'mingw', part: 'Windows cross compiler', emulator: 'wine', suffix: '.exe' },
];

const DEMO = [
  'npm packages',
  'C compiler',
  'cmake',
  'python3',
  'build tool',
  'wasmtime',
  'chromium',
];
const REQUIRED = ['npm packages', 'C compiler', 'cmake', 'build tool'];

function installFromApt(names) {
  const packages = names.flatMap((name) => parts[name].apt ?? []);
  if (!packages.length) return;
  if (process.getuid?.() !== 0 || !which('apt-get')) return;
  for (const name of names)
    console.log(`  ${name}: apt-get install ${parts[name].apt.join(' ')}  (${parts[name].why})`);
  quietly('apt-get', ['update', '-q']);
  quietly('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...new Set(packages)]);
}

function installWithoutRoot(names) {
  for (const name of names) {
    if (!parts[name].install || parts[name].find()) continue;
    console.log(`  ${name}: installing into the project  (${parts[name].why})`);
    parts[name].install();
  }
}

// The command that would install a part, for a person to run.
export function howToInstall(name) {
  const { apt, hint } = parts[name];
  return hint ?? `apt-get install ${apt.join(' ')}`;
}

// Makes ready what `purpose` needs. Returns the parts that could not be had, each
// with what it is for and how to install it; throws when nothing works without one.
export function setup(purpose = 'test') {
  const wanted = purpose === 'demo' ? DEMO : Object.keys(parts);
  const missing = () => wanted.filter((name) => !parts[name].find());
  mkdirSync(join(root, 'build'), { recursive: true });
  console.log(`Set-up for ${purpose}`);
  installWithoutRoot(missing());
  installFromApt(missing().filter((name) => parts[name].apt));
  installWithoutRoot(missing()); // again: python's venv may have come with apt
  const absent = missing();
  const fatal = absent.filter((name) => REQUIRED.includes(name));
  if (fatal.length)
    throw new Error(
      `Set-up cannot go on without:\n${fatal.map((name) => `  ${name}: ${howToInstall(name)}`).join('\n')}`,
    );
  for (const name of absent)
    console.log(`  ${name}: not there; to have it:  ${howToInstall(name)}`);
  console.log(`  ready: ${wanted.filter((name) => !absent.includes(name)).join(', ')}`);
  return absent.map((name) => ({ name, why: parts[name].why, command: howToInstall(name) }));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    setup(process.argv[2]);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
