# start.S - the first frame of every fiber on x86-64 System V.
#
# Jumped to by the first resume with sp 16-byte aligned at the top of a fresh stack and the
# fiber in rdi, where bide__fiber_main expects it.
# The return address is declared undefined: unwinders and debuggers end here.
#
# bide__fiber_main never returns, so it is jumped to, with a return address pushed by
# hand: a call would leave an entry in the processor's return stack that no return
# takes off, and every return of the resumer after the fiber's end would be
# mispredicted.
#
# SPDX-License-Identifier: MIT
        .text
        .globl  bide__fiber_start
        .hidden bide__fiber_start
        .type   bide__fiber_start, @function
bide__fiber_start:
        .cfi_startproc
        .cfi_undefined rip
        endbr64
        xorl    %ebp, %ebp
        leaq    1f(%rip), %rax
        pushq   %rax
        jmp     bide__fiber_main
1:      ud2
        .cfi_endproc
        .size   bide__fiber_start, . - bide__fiber_start

# Indirect branches end at endbr64 (IBT), but the switch leaves shadow stacks out of
# step (SHSTK): without that mark here the linker does not mark the program either,
# and no system turns them on for it.
        .section .note.gnu.property, "a"
        .p2align 3
        .long   4, 16, 5
        .asciz  "GNU"
        .long   0xc0000002, 4, 1, 0
        .section .note.GNU-stack, "", @progbits
