/* start.S - the first frame of every fiber on AArch64.
 *
 * Branched to by the first resume with sp at the top of a fresh stack and the fiber in x0, where
 * bide__fiber_main expects it. The return address is declared undefined: unwinders and debuggers end here. bide__fiber_main never returns, so it is
 * branched to, with x30 set by hand: a bl would leave an entry in the processor's return stack
 * that no return takes off, and the returns of the resumer after the fiber's end would be
 * mispredicted.
 *
 * SPDX-License-Identifier: MIT */
        .text
        .globl  bide__fiber_start
        .hidden bide__fiber_start
        .type   bide__fiber_start, %function
        .p2align 2
bide__fiber_start:
        .cfi_startproc
        .cfi_undefined x30
        hint    #38             /* bti jc */
        mov     x29, xzr
        adr     x30, 1f
        b       bide__fiber_main
1:      brk     #1
        .cfi_endproc
        .size   bide__fiber_start, . - bide__fiber_start

/* Branch targets are marked (BTI), and return addresses may be signed (PAC). */
        .section .note.gnu.property, "a"
        .p2align 3
        .word   4, 16, 5
        .asciz  "GNU"
        .word   0xc0000000, 4, 3, 0
        .section .note.GNU-stack, "", %progbits
