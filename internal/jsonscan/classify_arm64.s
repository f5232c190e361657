#include "textflag.h"
#include "go_asm.h"

// A bit for each byte of eight.
DATA weights<>+0(SB)/8, $0x8040201008040201
DATA weights<>+8(SB)/8, $0x8040201008040201
GLOBL weights<>(SB), RODATA|NOPTR, $16

// GATHER stores one bit for each byte of V4 to V7 that is all ones, also in R5.
// The bytes keep a bit each, by their place among eight, and neighbours are added
// up three times.
#define GATHER(field) \
	VAND V31.B16, V4.B16, V4.B16; \
	VAND V31.B16, V5.B16, V5.B16; \
	VAND V31.B16, V6.B16, V6.B16; \
	VAND V31.B16, V7.B16, V7.B16; \
	VADDP V5.B16, V4.B16, V4.B16; \
	VADDP V7.B16, V6.B16, V6.B16; \
	VADDP V6.B16, V4.B16, V4.B16; \
	VADDP V4.B16, V4.B16, V4.B16; \
	VMOV V4.D[0], R5; \
	MOVD R5, field(R2)

// EQUAL stores where the bytes of a to d are byte.
#define EQUAL(byte, a, b, c, d, field) \
	VCMEQ byte, a, V4.B16; \
	VCMEQ byte, b, V5.B16; \
	VCMEQ byte, c, V6.B16; \
	VCMEQ byte, d, V7.B16; \
	GATHER(field)

// ATMOST stores where the bytes of a to d are byte at most: they are their own
// minimum with it, unsigned.
#define ATMOST(byte, a, b, c, d, field) \
	VUMIN byte, a, V4.B16; \
	VUMIN byte, b, V5.B16; \
	VUMIN byte, c, V6.B16; \
	VUMIN byte, d, V7.B16; \
	VCMEQ a, V4.B16, V4.B16; \
	VCMEQ b, V5.B16, V5.B16; \
	VCMEQ c, V6.B16, V6.B16; \
	VCMEQ d, V7.B16, V7.B16; \
	GATHER(field)

// DIGITS stores where the bytes of V0 to V3 are digits: less '0' they are 9 at
// most.
#define DIGITS(field) \
	VSUB V23.B16, V0.B16, V8.B16; \
	VSUB V23.B16, V1.B16, V9.B16; \
	VSUB V23.B16, V2.B16, V10.B16; \
	VSUB V23.B16, V3.B16, V11.B16; \
	ATMOST(V26.B16, V8.B16, V9.B16, V10.B16, V11.B16, field)

// FILL makes the registers ready that both ways to sort need. R3 is lost.
#define FILL \
	MOVD $weights<>(SB), R3; \
	VLD1 (R3), [V31.B16]; \
	VMOVI $0x22, V16.B16; /* " */ \
	VMOVI $0x5C, V17.B16; /* a backslash */ \
	VMOVI $0x30, V23.B16; /* 0 */ \
	VMOVI $9, V26.B16; \
	VMOVI $0x1F, V27.B16; \
	VMOVI $0x80, V28.B16

// func classify(text *byte, words int, out *chars)
TEXT ·classify(SB), NOSPLIT, $0-24
	MOVD text+0(FP), R0
	MOVD words+8(FP), R1
	MOVD out+16(FP), R2
	FILL
	VMOVI $0x2C, V18.B16 // ,
	VMOVI $0x3A, V19.B16 // :
	VMOVI $0x20, V20.B16 // space
	VMOVI $0x7B, V21.B16 // {
	VMOVI $0x7D, V22.B16 // }
	VMOVI $0x2E, V24.B16 // .
	VMOVI $0x0A, V25.B16 // newline

word:
	VLD1.P 64(R0), [V0.B16, V1.B16, V2.B16, V3.B16]
	EQUAL(V16.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_quote)

	// Each bit becomes the parity of the quotes up to it.
	EOR R5<<1, R5, R5
	EOR R5<<2, R5, R5
	EOR R5<<4, R5, R5
	EOR R5<<8, R5, R5
	EOR R5<<16, R5, R5
	EOR R5<<32, R5, R5
	MOVD R5, chars_quoted(R2)

	EQUAL(V17.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_slash)
	EQUAL(V18.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_comma)
	EQUAL(V19.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_colon)
	EQUAL(V20.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_space)
	EQUAL(V23.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_zero)
	EQUAL(V24.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_dot)
	EQUAL(V25.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_newline)
	ATMOST(V27.B16, V0.B16, V1.B16, V2.B16, V3.B16, chars_control)

	// What is not ASCII has the high bit.
	VCMTST V28.B16, V0.B16, V4.B16
	VCMTST V28.B16, V1.B16, V5.B16
	VCMTST V28.B16, V2.B16, V6.B16
	VCMTST V28.B16, V3.B16, V7.B16
	GATHER(chars_high)

	// Braces and brackets are 0x20 apart.
	VORR V20.B16, V0.B16, V8.B16
	VORR V20.B16, V1.B16, V9.B16
	VORR V20.B16, V2.B16, V10.B16
	VORR V20.B16, V3.B16, V11.B16
	EQUAL(V21.B16, V8.B16, V9.B16, V10.B16, V11.B16, chars_open)
	EQUAL(V22.B16, V8.B16, V9.B16, V10.B16, V11.B16, chars_shut)

	DIGITS(chars_digit)

	ADD $chars__size, R2
	SUB $1, R1
	CBNZ R1, word
	RET

// QUOTED and RARE put all ones into to where text is what a sight wants to know.
// tmp is lost.
#define QUOTED(text, to, tmp) \
	VCMEQ V16.B16, text, to; \
	VUMIN V27.B16, text, tmp; \
	VCMEQ text, tmp, tmp; \
	VORR tmp, to, to
#define RARE(text, to, tmp) \
	VCMEQ V17.B16, text, to; \
	VCMTST V28.B16, text, tmp; \
	VORR tmp, to, to

// func sortPlain(text []byte, words int, s *sight)
TEXT ·sortPlain(SB), NOSPLIT, $0-40
	MOVD text_base+0(FP), R0
	MOVD words+24(FP), R1
	MOVD s+32(FP), R2
	FILL

plain:
	VLD1.P 64(R0), [V0.B16, V1.B16, V2.B16, V3.B16]
	QUOTED(V0.B16, V4.B16, V8.B16)
	QUOTED(V1.B16, V5.B16, V9.B16)
	QUOTED(V2.B16, V6.B16, V10.B16)
	QUOTED(V3.B16, V7.B16, V11.B16)
	GATHER(sight_special)
	RARE(V0.B16, V4.B16, V8.B16)
	RARE(V1.B16, V5.B16, V9.B16)
	RARE(V2.B16, V6.B16, V10.B16)
	RARE(V3.B16, V7.B16, V11.B16)
	GATHER(sight_rare)
	DIGITS(sight_other)
	MVN R5, R5
	MOVD R5, sight_other(R2)

	ADD $8, R2
	SUB $1, R1
	CBNZ R1, plain
	RET
