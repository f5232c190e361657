// What sortWide needs: tables, and what it does again and again.

// The bytes of a word by their places.
DATA places<>+0(SB)/8, $0x0706050403020100
DATA places<>+8(SB)/8, $0x0F0E0D0C0B0A0908
DATA places<>+16(SB)/8, $0x1716151413121110
DATA places<>+24(SB)/8, $0x1F1E1D1C1B1A1918
DATA places<>+32(SB)/8, $0x2726252423222120
DATA places<>+40(SB)/8, $0x2F2E2D2C2B2A2928
DATA places<>+48(SB)/8, $0x3736353433323130
DATA places<>+56(SB)/8, $0x3F3E3D3C3B3A3938
GLOBL places<>(SB), RODATA|NOPTR, $64

// What may stand behind a backslash, by nibbles: a byte is one of " / \ b f n r t
// u if its two entries have a bit in common. The bits stand for the high nibbles
// 2, 5, 6 and 7.
DATA escapeLow<>+0(SB)/8, $0x00040808000D0000
DATA escapeLow<>+8(SB)/8, $0x0104000200000000
GLOBL escapeLow<>(SB), RODATA|NOPTR, $16
DATA escapeHigh<>+0(SB)/8, $0x0804020000010000
DATA escapeHigh<>+8(SB)/8, $0x0000000000000000
GLOBL escapeHigh<>(SB), RODATA|NOPTR, $16

// The bounds that matter in UTF-8.
DATA bounds<>+0(SB)/8, $0xF4EDF5F0E0C2C0A0
DATA bounds<>+8(SB)/1, $0x90
GLOBL bounds<>(SB), RODATA|NOPTR, $9
#define A0 bounds<>+0(SB)
#define C0 bounds<>+1(SB)
#define C2 bounds<>+2(SB)
#define E0 bounds<>+3(SB)
#define F0 bounds<>+4(SB)
#define F5 bounds<>+5(SB)
#define ED bounds<>+6(SB)
#define F4 bounds<>+7(SB)
#define X90 bounds<>+8(SB)

DATA nibble<>+0(SB)/1, $0x0F
GLOBL nibble<>(SB), RODATA|NOPTR, $1

// FILL puts a byte everywhere in z.
#define FILL(byte, z) \
	MOVL $byte, AX; \
	VPBROADCASTB AX, z

// OUTSIDE stores where b is outside of strings (K4), also in CX, and adds it to
// what is known in AX.
#define OUTSIDE(b, text, k, field) \
	VPCMPEQB b, text, K4, k; \
	KMOVQ k, CX; \
	MOVQ CX, field(DI); \
	ORQ CX, AX

// ATLEAST and IS put into reg where the text is at least, or is, the byte at b.
#define ATLEAST(b, reg) \
	VPBROADCASTB b, Z2; \
	VPCMPUB $5, Z2, Z0, K1; \
	KMOVQ K1, reg
#define IS(b, reg) \
	VPBROADCASTB b, Z2; \
	VPCMPEQB Z2, Z0, K1; \
	KMOVQ K1, reg

// BEHIND puts into CX the places n behind the bits of AX, those of the word
// before included, which are in field, and stores AX there. scale is 1<<n.
#define BEHIND(n, scale, field) \
	MOVQ (WIDE+field)(R9), CX; \
	MOVQ AX, (WIDE+field)(R9); \
	SHRQ $(64-n), CX; \
	LEAQ (CX)(AX*scale), CX
