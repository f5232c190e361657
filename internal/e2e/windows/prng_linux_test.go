package windows_test

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
)

// prng returns a bcryptprimitives.dll, which Go's runtime asks for and versions
// of Wine before 9 do not have. It holds no code: its one function is another
// name of the one that has always made random numbers.
func prng() []byte {
	const (
		rva, headers, page = 0x1000, 0x200, 0x200
		dir                = 40 // the size of the export directory
	)
	name, export, target := "bcryptprimitives.dll\x00", "ProcessPrng\x00", "advapi32.SystemFunction036\x00"
	functions := uint32(rva + dir)
	names, ordinals, texts := functions+4, functions+8, functions+12
	at := func(skipped ...string) uint32 {
		n := texts
		for _, s := range skipped {
			n += uint32(len(s))
		}
		return n
	}
	var section, file bytes.Buffer
	put := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(b, binary.LittleEndian, v) // a buffer takes everything
		}
	}
	// A function whose address lies within the directory is a forward.
	put(&section, uint32(0), uint32(0), uint32(0), at(), uint32(1), uint32(1), uint32(1), functions, names, ordinals,
		at(name, export), at(name), uint16(0), uint16(0), []byte(name+export+target))

	mz := make([]byte, 0x40)
	copy(mz, "MZ")
	mz[0x3c] = 0x40
	optional := pe.OptionalHeader64{Magic: 0x20b, ImageBase: 0x180000000, SectionAlignment: rva, FileAlignment: page, MajorOperatingSystemVersion: 6,
		MajorSubsystemVersion: 6, SizeOfInitializedData: page, SizeOfImage: 2 * rva, SizeOfHeaders: headers, Subsystem: pe.IMAGE_SUBSYSTEM_WINDOWS_CUI,
		DllCharacteristics: pe.IMAGE_DLLCHARACTERISTICS_NX_COMPAT | pe.IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, NumberOfRvaAndSizes: 16}
	optional.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT] = pe.DataDirectory{VirtualAddress: rva, Size: uint32(section.Len())}
	put(&file, mz, []byte("PE\x00\x00"),
		pe.FileHeader{Machine: pe.IMAGE_FILE_MACHINE_AMD64, NumberOfSections: 1, SizeOfOptionalHeader: uint16(binary.Size(optional)),
			Characteristics: pe.IMAGE_FILE_EXECUTABLE_IMAGE | pe.IMAGE_FILE_LARGE_ADDRESS_AWARE | pe.IMAGE_FILE_DLL},
		optional,
		pe.SectionHeader32{Name: [8]uint8{'.', 'e', 'd', 'a', 't', 'a'}, VirtualSize: uint32(section.Len()), VirtualAddress: rva, SizeOfRawData: page,
			PointerToRawData: headers, Characteristics: pe.IMAGE_SCN_CNT_INITIALIZED_DATA | pe.IMAGE_SCN_MEM_READ})
	file.Write(make([]byte, headers-file.Len()))
	file.Write(section.Bytes())
	file.Write(make([]byte, headers+page-file.Len()))
	return file.Bytes()
}
