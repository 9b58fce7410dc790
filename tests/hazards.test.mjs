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
import { skipUnless, transcript } from './programs.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'bide-hazards-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const fiber = (name) => join(root, 'src/fiber', name);
// The files that the native backends share, as CMake has them.
const listed = ['src/CMakeLists.txt', 'src/fiber/backends.cmake'].map((file) =>
  readFileSync(join(root, file), 'utf8'),
);
const shared = [
  ...listed[0].matchAll(/add_library\(bide [^)]*\)/g),
  ...listed[1].matchAll(/set\((?:native|posix)\s[^)]*\)/g),
].flatMap(([text]) => text.match(/fiber\/\w+\.c/g) ?? []);
const sources = shared.map((name) => join(root, 'src', name));
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
];
const X86_64 = [
  ['-O2', '-mno-red-zone'],
  ['-O2', '-fcf-protection=full'],
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
  const args = [...flags, ...vector, '-w', ...include(backend), source, ...sources];
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
    for (const flags of [['-O0'], ['-O2'], ['-O3', '-flto'], ['-O2', '-fno-omit-frame-pointer']])
      test(flags.join(' '), async () =>
        check(compile(`${preset}-linux-gnu-gcc`, preset, [...flags, '-static']), emulator),
      );
    if (preset === 'aarch64')
      test('-mbranch-protection=standard', async () =>
        check(compile(`${preset}-linux-gnu-gcc`, preset, ['-O2', '-static', '-mbranch-protection=standard']), emulator),
      );
  });
}

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
    }
  });

  const binutils = which('objdump') && which('readelf') ? undefined : 'binutils are not installed';
  test('every jump of the switch lands on endbr64', skipUnless(binutils), () => {
    for (const compiler of compilers) {
      const program = compile(compiler, 'x86_64_sysv', ['-O2', '-fcf-protection=full']);
      const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', program], { encoding: 'utf8' });
      const after = [...code.matchAll(/,%rbp\n.*jmp +\*%rcx\n.*?\t(\w+)/g)].map((match) => match[1]);
      assert.ok(after.length > 5, 'the switch was not found');
      assert.deepEqual([...new Set(after)], ['endbr64'], compiler);
    }
  });

  test('a program with fibers is not marked for shadow stacks', skipUnless(binutils), () => {
    const object = join(scratch, 'start.o');
    execFileSync('gcc', ['-c', fiber('x86_64_sysv/start.S'), '-o', object]);
    const notes = execFileSync('readelf', ['-n', object], { encoding: 'utf8' });
    assert.match(notes, /IBT/);
    assert.doesNotMatch(notes, /SHSTK/);
  });
});
