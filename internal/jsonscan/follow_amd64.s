#include "textflag.h"
#include "go_asm.h"

#define TEXT_IN_SIGHT (shapes_sight+sight_text)
#define SPECIAL (shapes_sight+sight_special)
#define OTHER (shapes_sight+sight_other)

// PIECE puts into DX the address of the piece whose number is in AX.
#define PIECE \
	IMUL3Q $piece__size, AX, AX; \
	LEAQ shapes_pieces(R8)(AX*1), DX

// BITS puts into AX the bits of a bitmap from BX on.
#define BITS(map) \
	MOVQ BX, AX; \
	MOVL BX, R10; \
	SHRQ $3, AX; \
	ANDL $7, R10; \
	MOVQ map(R8)(AX*1), AX; \
	SHRXQ R10, AX, AX

// func followFast(s *shapes, i int) (ending, end, why int)
//
// R8 s, SI the text, BX i, CX the first i from where 32 bytes may not be read, DX
// the piece at hand, R9 the element of s.at for the next one.
TEXT ·followFast(SB), NOSPLIT, $0-40
	MOVQ s+0(FP), R8
	MOVQ i+8(FP), BX
	MOVQ TEXT_IN_SIGHT(R8), SI
	MOVQ (TEXT_IN_SIGHT+8)(R8), CX
	SUBQ $31, CX
	LEAQ shapes_at(R8), R9
	LEAQ shapes_pieces(R8), DX
	JMP next

string:
	BITS(SPECIAL)
	TZCNTQ AX, AX
	CMPQ AX, $57
	JGE long
	ADDQ AX, BX

next:
	MOVWLZX piece_next(DX), AX
	TESTL AX, AX
	JZ none                  // a line that could not be learnt to its end
	PIECE
	CMPQ BX, CX
	JGE short
	VMOVDQU (SI)(BX*1), Y0

try:
	VPCMPEQB piece_text(DX), Y0, Y1
	VPMOVMSKB Y1, AX
	NOTL AX
	MOVBLZX piece_size(DX), R10
	BZHIL R10, AX, AX
	JNZ other
	MOVL BX, (R9)
	ADDQ $4, R9
	ADDQ R10, BX
	MOVBLZX piece_value(DX), AX
	CMPL AX, $const_aString
	JEQ string
	JB next
	CMPL AX, $const_aNumber
	JNE all

	CMPQ BX, CX
	JGE short
	CMPB (SI)(BX*1), $'-'
	JEQ negative

number:
	BITS(OTHER)
	TZCNTQ AX, R10
	CMPL R10, $1
	JBE shortNumber
	CMPB (SI)(BX*1), $'0'
	JEQ none
	CMPL R10, $const_maxDigits
	JHI none

whole:
	LEAQ (BX)(R10*1), R11
	CMPB (SI)(R11*1), $'.'
	JEQ fraction
	MOVQ R11, BX
	JMP next

fraction:
	BLSRQ AX, AX
	TZCNTQ AX, AX
	ADDQ AX, BX
	INCQ R10
	CMPL AX, R10
	JEQ none                 // no digit behind the dot
	CMPL AX, $57
	JB next
	JMP none

shortNumber:
	JEQ whole
	// No number: the text of another piece may go on here.
	SUBQ $4, R9
	MOVL (R9), BX
	VMOVDQU (SI)(BX*1), Y0

other:
	MOVWLZX piece_other(DX), AX
	TESTL AX, AX
	JZ none
	PIECE
	JMP try

negative:
	INCQ BX
	JMP number

long:
	ADDQ $57, BX
	JMP string

all:
	MOVQ $const_followedAll, AX
	JMP done

none:
	MOVQ $const_followedNone, AX
	JMP done

short:
	MOVQ $const_followedShort, AX

done:
	VZEROUPPER
	MOVQ AX, why+32(FP)
	MOVQ BX, end+24(FP)
	MOVWLZX piece_next(DX), AX
	MOVQ AX, ending+16(FP)
	RET
