#include "textflag.h"
#include "go_asm.h"

// The bytes that are looked for, one constant each: 32 times the same byte.
#define BYTES(name, word) \
	DATA name<>+0(SB)/8, $word; \
	DATA name<>+8(SB)/8, $word; \
	DATA name<>+16(SB)/8, $word; \
	DATA name<>+24(SB)/8, $word; \
	GLOBL name<>(SB), RODATA|NOPTR, $32

BYTES(quote, 0x2222222222222222)
BYTES(slash, 0x5C5C5C5C5C5C5C5C)
BYTES(comma, 0x2C2C2C2C2C2C2C2C)
BYTES(colon, 0x3A3A3A3A3A3A3A3A)
BYTES(space, 0x2020202020202020)
BYTES(open, 0x7B7B7B7B7B7B7B7B)
BYTES(close, 0x7D7D7D7D7D7D7D7D)
BYTES(zero, 0x3030303030303030)
BYTES(nine, 0x0909090909090909)
BYTES(dot, 0x2E2E2E2E2E2E2E2E)
BYTES(control, 0x1F1F1F1F1F1F1F1F)

BYTES(newline, 0x0A0A0A0A0A0A0A0A)

// STORE puts one bit a byte of Y2 and Y3, the high ones, into the word at off.
#define STORE(off) \
	VPMOVMSKB Y2, AX; \
	VPMOVMSKB Y3, BX; \
	SHLQ $32, BX; \
	ORQ BX, AX; \
	MOVQ AX, off(DI)

// EQUAL stores where the bytes of lo and hi are those of name.
#define EQUAL(name, lo, hi, off) \
	VPCMPEQB name<>(SB), lo, Y2; \
	VPCMPEQB name<>(SB), hi, Y3; \
	STORE(off)

// DIGITS puts into out where text is a digit: less '0' that is its own minimum
// with 9, unsigned. tmp is lost.
#define DIGITS(text, out, tmp) \
	VPSUBB zero<>(SB), text, tmp; \
	VPMINUB nine<>(SB), tmp, out; \
	VPCMPEQB tmp, out, out

// CONTROLS puts into out where text is a control character, which is its own
// minimum with 0x1F.
#define CONTROLS(text, out) \
	VPMINUB control<>(SB), text, out; \
	VPCMPEQB text, out, out

// func classify(text *byte, words int, out *chars)
TEXT ·classify(SB), NOSPLIT, $0-24
	MOVQ text+0(FP), SI
	MOVQ words+8(FP), DX
	MOVQ out+16(FP), DI
	VPCMPEQB X9, X9, X9

word:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	EQUAL(quote, Y0, Y1, 0)

	// Times all ones, without carries: each bit becomes the parity of the quotes
	// up to it.
	VMOVQ AX, X4
	VPCLMULQDQ $0, X9, X4, X4
	VMOVQ X4, 104(DI)

	EQUAL(slash, Y0, Y1, 8)
	EQUAL(comma, Y0, Y1, 32)
	EQUAL(colon, Y0, Y1, 40)
	EQUAL(space, Y0, Y1, 48)
	EQUAL(zero, Y0, Y1, 64)
	EQUAL(dot, Y0, Y1, 72)
	EQUAL(newline, Y0, Y1, 96)

	// What is not ASCII has the high bit itself.
	VMOVDQA Y0, Y2
	VMOVDQA Y1, Y3
	STORE(80)

	// Braces and brackets are 0x20 apart.
	VPOR space<>(SB), Y0, Y4
	VPOR space<>(SB), Y1, Y5
	EQUAL(open, Y4, Y5, 16)
	EQUAL(close, Y4, Y5, 24)

	DIGITS(Y0, Y2, Y4)
	DIGITS(Y1, Y3, Y5)
	STORE(56)
	CONTROLS(Y0, Y2)
	CONTROLS(Y1, Y3)
	STORE(88)

	ADDQ $64, SI
	ADDQ $112, DI
	DECQ DX
	JNZ word

	VZEROUPPER
	RET

// SPECIAL puts into out where text is a quote or a control character. tmp is
// lost.
#define SPECIAL(text, out, tmp) \
	CONTROLS(text, out); \
	VPCMPEQB quote<>(SB), text, tmp; \
	VPOR tmp, out, out

// func sortPlain(text []byte, words int, s *sight)
TEXT ·sortPlain(SB), NOSPLIT, $0-40
	MOVQ text_base+0(FP), SI
	MOVQ words+24(FP), DX
	MOVQ s+32(FP), DI

plain:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	SPECIAL(Y0, Y2, Y4)
	SPECIAL(Y1, Y3, Y5)
	STORE(sight_special)
	DIGITS(Y0, Y2, Y4)
	DIGITS(Y1, Y3, Y5)
	STORE(sight_other)
	NOTQ sight_other(DI)
	VPCMPEQB slash<>(SB), Y0, Y2
	VPCMPEQB slash<>(SB), Y1, Y3
	VPOR Y0, Y2, Y2
	VPOR Y1, Y3, Y3
	STORE(sight_rare)
	ADDQ $64, SI
	ADDQ $8, DI
	DECQ DX
	JNZ plain

	VZEROUPPER
	RET
