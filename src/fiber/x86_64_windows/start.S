# start.S - the first frame of every fiber on x86-64 Windows.
#
# Jumped to by the first resume with sp 16-byte aligned at the top of a fresh stack and
# rdi at the fiber, whose fields `stack` and `stack_size` give the bounds that the
# thread's information block has to show from now on, with the guard below
# (stack_pages_windows.c, which checks what is taken for granted here).
# bide__fiber_main never returns, so it is jumped to, with a return address pushed by
# hand; the frame that unwinders find there has none above it, rbp and the word at the
# top being 0.
#
# SPDX-License-Identifier: MIT
        .set    STACK, 88
        .set    STACK_SIZE, 68
        .set    GUARD, 3 * 4096
        .text
        .globl  bide__fiber_start
        .def    bide__fiber_start; .scl 2; .type 32; .endef
        .seh_proc bide__fiber_start
bide__fiber_start:
        subq    $48, %rsp
        .seh_stackalloc 48
        .seh_endprologue
        movq    STACK(%rdi), %rax
        movl    STACK_SIZE(%rdi), %ecx
        addq    %rax, %rcx
        movq    %rcx, %gs:0x08
        movq    %rax, %gs:0x10
        subq    $GUARD, %rax
        movq    %rax, %gs:0x1478
        movq    %rdi, %rcx
        xorl    %ebp, %ebp
        leaq    1f(%rip), %rax
        movq    $0, 40(%rsp)
        pushq   %rax
        jmp     bide__fiber_main
1:      ud2
        .seh_endproc
