# start.S - the first frame of every fiber on 64-bit RISC-V.
#
# Jumped to by the first resume with sp at the top of a fresh stack and the fiber in a0,
# where bide__fiber_main expects it. The return address is declared undefined: unwinders and debuggers end here. bide__fiber_main never
# returns, so it is jumped to, with ra set by hand: a call would leave an entry in the
# processor's return stack that no return takes off, and the returns of the resumer
# after the fiber's end would be mispredicted.
#
# SPDX-License-Identifier: MIT
        .text
        .globl  bide__fiber_start
        .hidden bide__fiber_start
        .type   bide__fiber_start, @function
        .p2align 2
bide__fiber_start:
        .cfi_startproc
        .cfi_undefined ra
        li      s0, 0
        lla     ra, 1f
        tail    bide__fiber_main
1:      ebreak
        .cfi_endproc
        .size   bide__fiber_start, . - bide__fiber_start
        .section .note.GNU-stack, "", @progbits
