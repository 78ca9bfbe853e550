package xpak

import (
	"encoding/binary"
	"io"
	"math"
)

// A Member is one file of an archive.
type Member struct {
	Name   string
	Offset int64 // in the data; of no account to Archive
	Data   []byte
}

// Archive returns the segment of some files in their order, without the length that
// ends a package: the form that Portage gives the ending .xpak.
func Archive(members []Member) ([]byte, error) {
	var index, data []byte
	for _, m := range members {
		if !ValidName(m.Name) {
			return nil, bad("%q is no name of a file of build-info", m.Name)
		}
		if int64(len(data))+int64(len(m.Data)) > math.MaxUint32/2 || len(index) > math.MaxUint32/4 {
			return nil, bad("more than %d bytes of files", math.MaxUint32/2)
		}
		index = binary.BigEndian.AppendUint32(index, uint32(len(m.Name)))
		index = append(index, m.Name...)
		index = binary.BigEndian.AppendUint32(index, uint32(len(data)))
		index = binary.BigEndian.AppendUint32(index, uint32(len(m.Data)))
		data = append(data, m.Data...)
	}
	out := make([]byte, 0, headerLen+len(index)+len(data)+trailerLen)
	out = append(out, "XPAKPACK"...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(index)))
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	out = append(append(out, index...), data...)
	return append(out, "XPAKSTOP"...), nil
}

// Members returns the files of r, which has size bytes, in the order of the index.
// r is an archive alone, or a package that ends in one.
func Members(r io.ReaderAt, size int64) ([]Member, error) {
	var header [headerLen]byte
	if size < headerLen {
		return nil, bad("only %d bytes", size)
	}
	if err := readAt(r, header[:], 0); err != nil {
		return nil, err
	}
	start := int64(0)
	if string(header[:8]) != "XPAKPACK" {
		var err error
		if start, err = TarSize(r, size); err != nil {
			return nil, err
		}
		if size-start < headerLen {
			return nil, bad("no header")
		}
		if err := readAt(r, header[:], start); err != nil {
			return nil, err
		}
		if string(header[:8]) != "XPAKPACK" {
			return nil, bad("no header")
		}
	}
	indexLen := int64(binary.BigEndian.Uint32(header[8:]))
	dataLen := int64(binary.BigEndian.Uint32(header[12:]))
	if start+headerLen+indexLen+dataLen > size {
		return nil, bad("index of %d and data of %d bytes in a file of %d", indexLen, dataLen, size)
	}
	index, data := make([]byte, indexLen), make([]byte, dataLen)
	if err := readAt(r, index, start+headerLen); err != nil {
		return nil, err
	}
	if err := readAt(r, data, start+headerLen+indexLen); err != nil {
		return nil, err
	}
	var out []Member
	for len(index) > 0 {
		name, pos, length, rest, err := record(index)
		if err != nil {
			return nil, err
		}
		if pos+length > dataLen {
			return nil, bad("%q lies outside of the data", name)
		}
		out = append(out, Member{name, pos, data[pos : pos+length]})
		index = rest
	}
	return out, nil
}
