#include "textflag.h"
#include "go_asm.h"

#define MASKS Lines_masks
#define CARRY (Lines_masks+masks_carry)
#define TOGGLES (Lines_brackets+brackets_toggles)

// BEHIND puts into out the places behind the bits of a mask of the word, the
// highest bit of the word before included. tmp is lost.
#define BEHIND(field, tmp, out) \
	MOVQ (field-word__size)(DI), out; \
	MOVQ field(DI), tmp; \
	SHRQ $63, out; \
	LEAQ (out)(tmp*2), out

// CARRIED puts into out the places behind the bits of mask, with the carry from
// the word before, and carries on.
#define CARRIED(mask, field, out) \
	MOVQ (CARRY+field)(R8), out; \
	LEAQ (out)(mask*2), out; \
	SHRQ $63, mask; \
	MOVQ mask, (CARRY+field)(R8)

// func checkWords(l *Lines, words, sizes int)
//
// The masks are those of check, by the same names. For each word: R8 l, DI the
// word, SI its place in toggles and named, DX words left, R15 what is wrong. What
// is carried over in registers: R9 object, R10 key, R11 keySum.
TEXT ·checkWords(SB), NOSPLIT, $16-24
	MOVQ l+0(FP), R8
	MOVQ words+8(FP), DX
	LEAQ (MASKS+masks_words)(R8), DI
	XORQ SI, SI
	MOVQ (CARRY+carry_object)(R8), R9
	MOVQ (CARRY+carry_key)(R8), R10
	MOVQ (CARRY+carry_keySum)(R8), R11
	VPCMPEQB X9, X9, X9

word:
	VMOVQ TOGGLES(R8)(SI*8), X0
	VPCLMULQDQ $0, X9, X0, X0
	VMOVQ X0, R13
	XORQ R9, R13             // object
	MOVQ R13, R9
	SARQ $63, R9

	BEHIND(word_comma, AX, BX)
	BEHIND(word_colon, AX, R14)
	MOVQ word_space(DI), R15
	MOVQ BX, CX
	ANDQ R15, CX             // commaSpace
	XORQ CX, BX
	XORQ CX, R15
	CARRIED(CX, carry_commaSpace, AX)
	ORQ AX, BX               // afterComma
	MOVQ R14, CX
	ANDQ R15, CX             // colonSpace
	XORQ CX, R14
	XORQ CX, R15             // a space behind something else is wrong
	CARRIED(CX, carry_colonSpace, AX)
	ORQ AX, R14              // afterColon
	ORQ word_wrong(DI), R15
	BEHIND(word_open, AX, CX)
	ORQ CX, BX               // afterComma, afterOpen
	ORQ BX, R14
	BEHIND(word_newline, R12, AX)
	ORQ AX, R14
	ANDQ word_shut(DI), CX   // shut that is afterOpen
	BEHIND(word_plain, R12, AX)
	ANDNQ R12, AX, R12       // first
	MOVQ word_quote(DI), AX
	ANDQ word_in(DI), AX
	ORQ word_open(DI), AX
	ORQ R12, AX
	ORQ CX, AX
	XORQ AX, R14
	ORQ R14, R15

	ANDQ R13, BX             // keyPlace
	MOVQ word_quote(DI), R14
	MOVQ R14, AX
	ORQ word_shut(DI), AX
	ANDNQ BX, AX, AX
	ORQ AX, R15
	ANDQ R14, BX             // key
	MOVQ word_in(DI), R14
	MOVQ R14, R13
	NEGQ R11                 // the carry of the word before
	ADCQ BX, R13             // sum
	SBBQ R11, R11
	NEGQ R11
	MOVQ word_escapes(DI), AX
	ANDNQ AX, R13, AX
	ORQ AX, R15
	ANDNQ R13, R14, R13      // keyEnd
	ORQ R13, R14             // in, keyEnd

	// named: keys of one of the sizes.
	MOVQ R12, first-8(SP)
	MOVQ CX, empty-16(SP)
	MOVQ sizes+16(FP), R12
	MOVQ $0, (MASKS+masks_named)(R8)(SI*8)
	JMP sized

size:
	MOVQ Lines_sizes(R8)(R12*8), CX
	SHLXQ CX, BX, AX
	NEGQ CX
	SHRXQ CX, R10, CX
	ORQ CX, AX
	ANDQ R13, AX
	ORQ AX, (MASKS+masks_named)(R8)(SI*8)

sized:
	DECQ R12
	JGE size
	MOVQ BX, R10
	MOVQ first-8(SP), R12
	MOVQ empty-16(SP), CX

	MOVQ word_quote(DI), AX
	ANDNQ AX, R14, R14
	CARRIED(R13, carry_keyEnd, AX)
	XORQ word_colon(DI), AX
	ORQ AX, R15
	MOVQ word_plain(DI), BX
	ORQ word_shut(DI), R14
	ORQ BX, R14              // end
	CARRIED(R14, carry_end, AX)
	ANDNQ AX, BX, AX         // ended
	XORQ word_shut(DI), CX
	ORQ word_comma(DI), CX
	MOVQ word_newline(DI), R14
	ORQ R14, CX
	XORQ CX, AX
	ORQ AX, R15
	BEHIND(word_shut, CX, AX)
	ANDNQ R14, AX, AX
	ORQ AX, R15

	BEHIND(word_dot, CX, AX) // afterDot, dot
	MOVQ word_digit(DI), R14
	ANDNQ AX, R14, R13
	ORQ R13, R15
	ANDQ R14, AX
	MOVQ CX, R13
	ANDQ R12, R13
	ORQ R13, R15
	MOVQ (CARRY+carry_fraction)(R8), R13
	NEGQ R13
	ADCQ R14, AX             // fraction
	SBBQ R13, R13
	NEGQ R13
	MOVQ R13, (CARRY+carry_fraction)(R8)
	ANDNQ AX, R14, AX
	ANDQ CX, AX
	ORQ AX, R15
	ANDQ word_zero(DI), R12  // zero
	CARRIED(R12, carry_zero, AX)
	ANDQ R14, AX
	ORQ AX, R15
	CMPQ BX, $-1
	JEQ long

next:
	MOVQ R15, word_wrong(DI)
	ADDQ $word__size, DI
	INCQ SI
	DECQ DX
	JNZ word

	MOVQ R9, (CARRY+carry_object)(R8)
	MOVQ R10, (CARRY+carry_key)(R8)
	MOVQ R11, (CARRY+carry_keySum)(R8)
	RET

long:
	ORQ $1, R15
	JMP next
