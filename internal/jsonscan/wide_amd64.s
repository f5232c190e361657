#include "textflag.h"
#include "go_asm.h"

#define WORDS (Lines_masks+masks_words)
#define CARRY (Lines_masks+masks_carry)
#define WIDE carry_wide
#define EVENTS (Lines_brackets+brackets_events)
#define BEFORE (Lines_brackets+brackets_eventsBefore)
#include "wide_amd64.h"

// func sortWide(text *byte, n, k, events int, l *Lines, c *carry, s *sight) int
//
// For each word: SI text, DI its masks, DX words left, R8 l, R10 where the number
// of events before goes, R11 all ones inside a string, R12 events, R15 what is
// wrong. Z0 is the text.
TEXT ·sortWide(SB), NOSPLIT, $16-64
	MOVQ text+0(FP), SI
	MOVQ n+8(FP), DX
	MOVQ k+16(FP), CX
	MOVQ events+24(FP), R12
	MOVQ l+32(FP), R8
	MOVQ c+40(FP), R9
	IMUL3Q $word__size, CX, DI
	LEAQ WORDS(R8)(DI*1), DI
	LEAQ BEFORE(R8)(CX*2), R10
	MOVQ carry_inString(R9), R11
	MOVQ s+48(FP), AX
	TESTQ AX, AX
	JZ all
	LEAQ sight_scratch(AX), DI
	LEAQ sight_special(AX), R10

all:
	SHLQ $6, CX
	VPBROADCASTW CX, Z29
	MOVL $64, AX
	VPBROADCASTW AX, Z28
	VMOVDQU64 places<>(SB), Z30
	VPCMPEQB X9, X9, X9
	FILL('"', Z16)
	FILL('\\', Z17)
	FILL(',', Z18)
	FILL(':', Z19)
	FILL(' ', Z20)
	FILL('{', Z21)
	FILL('0', Z22)
	FILL(9, Z23)
	FILL('}', Z24)
	FILL('\n', Z25)
	FILL('.', Z26)
	FILL('u', Z27)
	FILL('a', Z31)
	FILL(6, Z5)
	FILL('d', Z6)
	FILL('8', Z8)
	FILL(2, Z10)
	FILL(4, Z11)

word:
	VMOVDQU64 (SI), Z0
	MOVW R12, (R10)
	VPCMPEQB Z16, Z0, K1
	VPCMPEQB Z17, Z0, K2
	KMOVQ K1, AX
	KMOVQ K2, BX
	VPSUBB Z22, Z0, Z1
	VPCMPUB $2, Z23, Z1, K3 // digits
	XORQ R15, R15
	MOVQ R15, word_escapes(DI)
	MOVQ BX, CX
	ORQ (WIDE+wide_slash)(R9), CX
	JNZ escapes

strings:
	CMPQ s+48(FP), $0
	JNE look
	// Times all ones, without carries: each bit becomes the parity of the quotes
	// up to it, which is: inside a string.
	VMOVQ AX, X2
	VPCLMULQDQ $0, X9, X2, X2
	VMOVQ X2, R13
	XORQ R11, R13
	MOVQ R13, R11
	SARQ $63, R11
	MOVQ R13, word_in(DI)
	MOVQ AX, word_quote(DI)
	KMOVQ R13, K4
	KNOTQ K4, K4
	ORQ R13, AX

	OUTSIDE(Z18, Z0, K1, word_comma)
	OUTSIDE(Z19, Z0, K2, word_colon)
	OUTSIDE(Z20, Z0, K1, word_space)
	VPORQ Z20, Z0, Z1 // braces and brackets are 0x20 apart
	OUTSIDE(Z21, Z1, K5, word_open)
	OUTSIDE(Z24, Z1, K6, word_shut)
	OUTSIDE(Z25, Z0, K7, word_newline)
	KORQ K5, K6, K5
	KORQ K7, K5, K5 // events

	// A control character is wrong, but for the newline in CX.
	VPCMPUB $1, Z20, Z0, K1
	KMOVQ K1, BX
	ANDNQ BX, CX, BX
	ORQ BX, R15

	// What is left are numbers and literals.
	NOTQ AX
	MOVQ AX, word_plain(DI)
	VPCMPEQB Z26, Z0, K4, K1
	KMOVQ K1, CX
	MOVQ CX, word_dot(DI)
	VPCMPEQB Z22, Z0, K4, K2
	KMOVQ K2, word_zero(DI)
	KANDQ K3, K4, K1
	KMOVQ K1, BX
	MOVQ BX, word_digit(DI)
	ORQ BX, CX
	ANDNQ AX, CX, CX
	MOVQ CX, word_odd(DI)

	VPMOVB2M Z0, K1
	KMOVQ K1, BX
	MOVQ BX, CX
	ORQ (WIDE+wide_high)(R9), CX
	JNZ runes

events:
	CMPQ s+48(FP), $0
	JNE looked
	// The places of the events, moved together.
	MOVQ R15, word_wrong(DI)
	KMOVQ K5, CX
	POPCNTQ CX, CX
	VPCOMPRESSB.Z Z30, K5, Z3
	VPMOVZXBW X3, Y4
	VPADDW Y29, Y4, Y4
	VMOVDQU64 Y4, EVENTS(R8)(R12*2)
	CMPQ CX, $16
	JHI many

counted:
	ADDQ CX, R12
	VPADDW Z28, Z29, Z29
	ADDQ $64, SI
	ADDQ $word__size, DI
	ADDQ $2, R10
	DECQ DX
	JNZ word

	MOVQ R11, carry_inString(R9)
	MOVQ R12, ret+56(FP)
	VZEROUPPER
	RET

look:
	// Where a string may end and a number does.
	VPCMPUB $1, Z20, Z0, K1
	KMOVQ K1, BX
	ORQ BX, AX
	MOVQ AX, (R10)
	KMOVQ K3, AX
	NOTQ AX
	MOVQ AX, sight_other-sight_special(R10)
	VPMOVB2M Z0, K1
	KMOVQ K1, BX
	MOVQ BX, CX
	ORQ (WIDE+wide_high)(R9), CX
	JNZ runes

looked:
	TESTQ R15, R15
	JNZ stop
	ADDQ $64, SI
	ADDQ $8, R10
	DECQ DX
	JNZ word

stop:
	MOVQ n+8(FP), CX
	SUBQ DX, CX
	MOVQ CX, ret+56(FP)
	VZEROUPPER
	RET

many:
	VPMOVZXBW Y3, Z4
	VPADDW Z29, Z4, Z4
	VMOVDQU64 Z4, EVENTS(R8)(R12*2)
	VEXTRACTI64X4 $1, Z3, Y3
	VPMOVZXBW Y3, Z4
	VPADDW Z29, Z4, Z4
	VMOVDQU64 Z4, (EVENTS+64)(R8)(R12*2)
	JMP counted

escapes:
	// A backslash starts an escape unless it is escaped itself. In a run of
	// them every other one is: the carry of an addition, started at runs that
	// begin at odd places, tells behind each run at what places it began.
	MOVQ BX, (WIDE+wide_slash)(R9)
	MOVQ carry_escapeOver(R9), CX
	ANDNQ BX, CX, R13        // that may start an escape
	LEAQ (CX)(R13*2), R14    // behind those
	MOVQ $0xAAAAAAAAAAAAAAAA, CX
	ANDQ R13, CX
	ANDNQ CX, R14, CX        // runs that begin at odd places
	ADDQ R13, CX
	SBBQ R13, R13
	NEGQ R13
	MOVQ R13, carry_escapeOver(R9)
	ADDQ CX, CX
	MOVQ $0x5555555555555555, R13
	XORQ R13, CX
	ANDQ R14, CX             // escaped
	ANDNQ BX, CX, R13
	MOVQ R13, word_escapes(DI)
	ANDNQ AX, CX, AX         // quotes that are not

	VBROADCASTI32X4 escapeLow<>(SB), Z2
	VBROADCASTI32X4 escapeHigh<>(SB), Z3
	VPSHUFB Z0, Z2, Z2
	VPSRLW $4, Z0, Z1
	VPBROADCASTB nibble<>(SB), Z4
	VPANDQ Z4, Z1, Z1
	VPSHUFB Z1, Z3, Z3
	VPTESTMB Z2, Z3, K1
	KMOVQ K1, R13
	ANDNQ CX, R13, R13
	ORQ R13, R15             // escaped, and may not be

	VPCMPEQB Z27, Z0, K1
	KMOVQ K1, BX
	ANDQ CX, BX              // the u of escapes
	MOVQ BX, CX
	ORQ (WIDE+wide_unit)(R9), CX
	ORQ (WIDE+wide_surrogate)(R9), CX
	ORQ (WIDE+wide_highHalf)(R9), CX
	JZ strings

	// Four hexadecimal digits follow on each u.
	MOVQ AX, quotes-8(SP)
	VPORQ Z20, Z0, Z1
	VPSUBB Z31, Z1, Z2       // 0 to 5 for a to f
	VPCMPUB $1, Z5, Z2, K1
	KORQ K1, K3, K1
	KMOVQ K1, R13
	NOTQ R13                 // no such digit
	MOVQ (WIDE+wide_unit)(R9), R14
	MOVQ R14, CX
	SHRQ $62, CX
	LEAQ (CX)(BX*4), CX
	MOVQ R14, AX
	SHRQ $61, AX
	LEAQ (AX)(BX*8), AX
	ORQ AX, CX
	MOVQ R14, AX
	SHRQ $60, AX
	ORQ AX, CX
	MOVQ BX, AX
	SHLQ $4, AX
	ORQ AX, CX
	SHRQ $63, R14
	LEAQ (R14)(BX*2), R14    // the first digits
	ORQ R14, CX
	ANDQ R13, CX
	ORQ CX, R15
	MOVQ BX, (WIDE+wide_unit)(R9)

	// D8 to DB start the first half of a pair, DC to DF the second.
	VPCMPEQB Z6, Z1, K1
	KMOVQ K1, AX
	ANDQ R14, AX
	BEHIND(1, 2, wide_surrogate)
	VPSUBB Z8, Z0, Z3
	VPCMPUB $1, Z10, Z3, K1  // 8 9
	VPCMPUB $1, Z10, Z2, K2  // a b
	KORQ K1, K2, K1
	KMOVQ K1, AX
	ANDQ CX, AX              // first halves, by their second digit
	VPSUBB Z10, Z2, Z3
	VPCMPUB $1, Z11, Z3, K1  // c to f
	KMOVQ K1, R14
	ANDQ R14, CX             // second halves
	MOVQ (WIDE+wide_highHalf)(R9), R13
	MOVQ AX, (WIDE+wide_highHalf)(R9)

	// Each first half has a second one, six bytes on, and each second half has
	// a first one. Backslash and u between are looked at by themselves: what is
	// wrong has to be found before the end of the line.
	MOVQ R13, R14
	SHRQ $58, R14
	XORQ R14, CX
	MOVQ AX, R14
	SHLQ $6, R14
	XORQ R14, CX
	ORQ CX, R15
	MOVQ R13, CX
	SHRQ $61, CX
	LEAQ (CX)(AX*8), CX
	MOVQ word_escapes(DI), R14
	ANDNQ CX, R14, CX
	ORQ CX, R15
	SHRQ $60, R13
	SHLQ $4, AX
	ORQ AX, R13
	ANDNQ R13, BX, R13
	ORQ R13, R15
	MOVQ quotes-8(SP), AX
	JMP strings

runes:
	// Each first byte of a character says how many follow: exactly there has to
	// be what is not ASCII and no first byte.
	MOVQ BX, (WIDE+wide_high)(R9)
	ATLEAST(C0, AX)
	ANDNQ BX, AX, R14
	ATLEAST(C2, CX)
	ANDNQ AX, CX, CX
	ORQ CX, R15
	ATLEAST(F5, CX)
	ORQ CX, R15
	BEHIND(1, 2, wide_lead2)
	MOVQ CX, R13
	ATLEAST(E0, AX)
	BEHIND(2, 4, wide_lead3)
	ORQ CX, R13
	ATLEAST(F0, AX)
	BEHIND(3, 8, wide_lead4)
	ORQ CX, R13
	XORQ R14, R13
	ORQ R13, R15

	// The shortest form only, no surrogates, and nothing above U+10FFFF.
	ATLEAST(A0, BX)
	IS(E0, AX)
	BEHIND(1, 2, wide_e0)
	ANDNQ CX, BX, CX
	ORQ CX, R15
	IS(ED, AX)
	BEHIND(1, 2, wide_ed)
	ANDQ BX, CX
	ORQ CX, R15
	ATLEAST(X90, BX)
	IS(F0, AX)
	BEHIND(1, 2, wide_f0)
	ANDNQ CX, BX, CX
	ORQ CX, R15
	IS(F4, AX)
	BEHIND(1, 2, wide_f4)
	ANDQ BX, CX
	ORQ CX, R15
	JMP events
