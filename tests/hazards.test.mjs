// The inlined switch against compilers: tests/hazards/hazards.c, which uses the fiber layer alone,
// compiled with a matrix of flags by every compiler that is here, and run. Then what debuggers,
// C++ and control-flow protection make of a fiber.
//
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { backends, howToInstall, parts, root, which } from '../wasm/setup.mjs';
import { runProcess } from './targets/process.mjs';
import { Wine } from './targets/wine.mjs';
import { skipUnless, transcript } from './programs.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'bide-hazards-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const fiber = (name) => join(root, 'src/fiber', name);
// The files that the native backends share, as CMake has them.
const listed = ['src/CMakeLists.txt', 'src/fiber/backends.cmake'].map((file) =>
  readFileSync(join(root, file), 'utf8'),
);
const sourcesIn = (...sets) =>
  [
    ...listed[0].matchAll(/add_library\(bide [^)]*\)/g),
    ...sets.flatMap((name) => [...listed[1].matchAll(new RegExp(`set\\(${name}\\s[^)]*\\)`, 'g'))]),
  ]
    .flatMap(([text]) => text.match(/fiber\/[\w/]+\.c/g) ?? [])
    .map((name) => join(root, 'src', name));
const sources = sourcesIn('native', 'posix');
const sourcesOfWindows = sourcesIn('native', 'fiber_x86_64_windows');
const hazards = join(root, 'tests/hazards/hazards.c');
const include = (backend) =>
  [join(root, 'src/include'), fiber('native'), fiber(backend), join(root, 'src')].map(
    (folder) => `-I${folder}`,
  );
const here = process.arch === 'x64' && process.platform === 'linux';
const cpu = here ? readFileSync('/proc/cpuinfo', 'utf8') : '';
const unlessCpuHas = (flag) => (cpu.includes(` ${flag} `) ? undefined : `this processor has no ${flag}`);

const EVERYWHERE = [
  ['-O0'],
  ['-O2'],
  ['-O3'],
  ['-Os'],
  ['-O2', '-flto'],
  ['-O3', '-flto'],
  ['-O2', '-fno-omit-frame-pointer'],
  ['-O2', '-fomit-frame-pointer'],
  ['-O2', '-fstack-protector-all'],
  ['-O2', '-fPIC', '-fno-plt'],
  ['-O2', '-fno-pie', '-no-pie'],
  ['-O2', '-fPIE', '-static-pie', '-DNO_BACKTRACE'],
  ['-O2', '-static', '-DNO_BACKTRACE'],
  ['-O2', '-fstack-clash-protection', '-fzero-call-used-regs=all'],
];
const X86_64 = [
  ['-O2', '-mno-red-zone'],
  ['-O2', '-fcf-protection=full'],
  ['-O3', '-flto', '-fcf-protection=full', '-fstack-protector-all'],
  ['-O3', '-flto', '-march=native'],
  ['-O2', '-mavx2', '-DVECTOR=32'],
  ['-O2', '-mavx512f', '-DVECTOR=64'],
];
// By the compilers that setup brings with what these link.
const SANITIZED = [
  ['-O2', '-fsanitize=address,undefined'],
  ['-O2', '-fsanitize=thread'],
];
const needs = { '-mavx2': unlessCpuHas('avx2'), '-mavx512f': unlessCpuHas('avx512f') };

let programs = 0;
// Compiles with the fiber layer, all in one go so that -flto sees everything; the program's path.
function compile(compiler, backend, flags, source = hazards) {
  const program = join(scratch, `program${programs++}`);
  const vector = flags.some((flag) => flag.startsWith('-DVECTOR')) ? [] : ['-DVECTOR=16'];
  const common = backend === 'x86_64_windows' ? sourcesOfWindows : sources;
  const args = [...flags, ...vector, '-w', ...include(backend), source, ...common];
  execFileSync(which(compiler), [...args, fiber(`${backend}/start.S`), '-lm', '-o', program], {
    stdio: 'pipe',
  });
  return program;
}

async function check(program, emulator, ...args) {
  const [command, ...before] = emulator ? [which(emulator), program] : [program];
  const result = await runProcess(command, [...before, ...args]);
  assert.equal(transcript(result), 'well\n--- status 0\n');
}

const clang = ['clang-19', 'clang-18', 'clang-17', 'clang-16', 'clang-15', 'clang-14'];
const compilers = ['gcc', clang.find((name) => which(name))].filter((name) => name && which(name));
for (const compiler of compilers) {
  const lld = compiler.replace('clang', 'lld');
  const lto = which(`ld.${lld}`) ? [`-fuse-ld=${lld}`] : [];
  describe(`hazards with ${compiler}`, { concurrency: 2, ...skipUnless(here ? undefined : 'for x86-64 Linux') }, () => {
    const sanitized = ['gcc', 'clang-19'].includes(compiler) ? SANITIZED : [];
    for (const flags of [...EVERYWHERE, ...X86_64, ...sanitized]) {
      const noCpu = flags.map((flag) => needs[flag]).find(Boolean);
      // Clang's own link-time optimization needs a linker that knows it.
      const linker = flags.includes('-flto') && compiler.startsWith('clang');
      const noLinker = linker && !lto.length ? 'no lld of that version' : undefined;
      const name = flags.join(' ') + (noCpu ? `: compiled only, because ${noCpu}` : '');
      test(name, { skip: noLinker }, async () => {
        const program = compile(compiler, 'x86_64_sysv', linker ? [...flags, ...lto] : flags);
        if (noCpu) return;
        await check(program);
        await check(program, undefined, 'backtrace');
      });
    }
  });
}

for (const { preset, part, emulator } of backends.filter((backend) => backend.emulator?.startsWith('qemu'))) {
  const missing = parts[part].find() ? undefined : `${part} is not installed: ${howToInstall(part)}`;
  describe(`hazards on ${preset}`, skipUnless(missing), () => {
    // Not every processor's compiler writes the tables for backtrace() by itself.
    const tables = '-fasynchronous-unwind-tables';
    for (const flags of [['-O0'], ['-O2'], ['-O3', '-flto'], ['-O2', '-fno-omit-frame-pointer']])
      test(flags.join(' '), async () => {
        const program = compile(`${preset}-linux-gnu-gcc`, preset, [...flags, tables, '-static']);
        await check(program, emulator);
        await check(program, emulator, 'backtrace');
      });
    if (preset === 'aarch64')
      test('-mbranch-protection=standard', async () =>
        check(compile(`${preset}-linux-gnu-gcc`, preset, ['-O2', '-static', '-mbranch-protection=standard']), emulator),
      );
  });
}

const mingw = backends.find(({ emulator }) => emulator === 'wine');
const noMingw = parts[mingw.part].find()
  ? undefined
  : `${mingw.part} is not installed: ${howToInstall(mingw.part)}`;
describe('hazards on x86-64 Windows', skipUnless(noMingw), () => {
  const wine = new Wine('wine-hazards');
  after(() => wine.end());
  for (const flags of [['-O0'], ['-O2'], ['-O3', '-flto'], ['-O2', '-fno-omit-frame-pointer']])
    test(flags.join(' '), async () => {
      const program = compile('x86_64-w64-mingw32-gcc', 'x86_64_windows', [...flags, '-static']);
      const result = await wine.run(`${program}.exe`);
      assert.equal(transcript(result), 'well\n--- status 0\n');
    });
});

describe('around a fiber', skipUnless(here ? undefined : 'for x86-64 Linux'), () => {
  const gdb = parts.gdb.find() ? undefined : `gdb is not installed: ${howToInstall('gdb')}`;
  test("gdb's backtrace ends at its first frame", skipUnless(gdb), () => {
    for (const level of ['-O0', '-O2']) {
      const program = compile('gcc', 'x86_64_sysv', ['-g', level]);
      const commands = ['set debuginfod enabled off', 'break stop_here', 'run', 'bt'];
      const out = execFileSync(
        parts.gdb.find(),
        ['-nx', '-batch', ...commands.flatMap((c) => ['-ex', c]), '--args', program, 'stop'],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      );
      const frames = out.split('\n').filter((line) => line.startsWith('#'));
      assert.match(frames[0], /stop_here/, out);
      assert.match(frames.at(-1), /bide__fiber_start/, out);
      assert.doesNotMatch(out, /corrupt|Backtrace stopped/);
    }
  });

  const cxx = which('g++') ? undefined : 'g++ is not installed: apt-get install g++';
  test('C++ exceptions stay inside it', skipUnless(cxx), async () => {
    const objects = [...sources, fiber('x86_64_sysv/start.S')].map((source, i) => {
      const object = join(scratch, `part${i}.o`);
      execFileSync(which('gcc'), ['-O2', ...include('x86_64_sysv'), '-c', source, '-o', object]);
      return object;
    });
    for (const level of ['-O0', '-O2']) {
      const program = join(scratch, `exceptions${level}`);
      const source = join(root, 'tests/hazards/exceptions.cpp');
      execFileSync(which('g++'), [level, ...include('x86_64_sysv'), source, ...objects, '-o', program]);
      const frames = '~frame ~frame ~frame ';
      const expected = `${frames}b:deep ~outer 42 ${frames}a:deep ${frames}a:deep ${frames}b:deep`;
      const { stdout, status } = await runProcess(program, []);
      assert.equal(stdout.trim(), expected);
      assert.equal(status, 0);
      // One that nobody catches ends the program, and says which it was.
      const escaped = await runProcess(program, ['escape']);
      assert.equal(escaped.status, 'SIGABRT');
      assert.match(escaped.stderr, /std::logic_error[^]*nobody catches this/);
      if (level !== '-O0') continue;
      const handler = await runProcess(program, ['handler']);
      assert.equal(handler.status, 'SIGABRT');
      assert.match(handler.stderr, /^bide: 'one' was suspended inside a catch handler.*current_exception/);
    }
  });

  const binutils = which('objdump') && which('readelf') ? undefined : 'binutils are not installed';
  test('every jump of the switch lands on endbr64', skipUnless(binutils), () => {
    for (const compiler of compilers) {
      const program = compile(compiler, 'x86_64_sysv', ['-O2', '-fcf-protection=full']);
      const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', program], { encoding: 'utf8' });
      const at = new Map([...code.matchAll(/^ *(\w+):\t(\w+)/gm)].map(([, address, op]) => [address, op]));
      // A side parks the address of what follows, and jumps to where the other is.
      const parked = [...code.matchAll(/lea .*\(%rip\),%rax +# (\w+).*\n(?:.*\n){1,12}?.*jmp +\*%rcx/g)];
      assert.ok(parked.length > 5, 'the switch was not found');
      const landings = parked.map(([, address]) => at.get(address));
      assert.deepEqual([...new Set(landings)], ['endbr64'], compiler);
    }
  });

  const clang19 = which('clang-19') ? undefined : 'clang-19 is not installed';
  test('a second stack that the switch does not know is refused', skipUnless(clang19), () => {
    const args = ['-fsanitize=safe-stack', '-fsyntax-only', ...include('x86_64_sysv'), hazards];
    assert.throws(() => execFileSync('clang-19', ['-DVECTOR=16', ...args], { stdio: 'pipe' }), {
      message: /compile without -fsanitize=safe-stack/,
    });
  });

  test('a program with fibers is not marked for shadow stacks', skipUnless(binutils), () => {
    const object = join(scratch, 'start.o');
    execFileSync('gcc', ['-c', fiber('x86_64_sysv/start.S'), '-o', object]);
    const notes = execFileSync('readelf', ['-n', object], { encoding: 'utf8' });
    assert.match(notes, /IBT/);
    assert.doesNotMatch(notes, /SHSTK/);
  });
});
