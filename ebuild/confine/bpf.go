package confine

import (
	"encoding/binary"
	"math"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets into the kernel's struct seccomp_data, and instructions of classic BPF.
const (
	offNumber = 0
	offArch   = 4
	offArgs   = 16

	opLoad    = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	opAnd     = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	opEqual   = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	opAtLeast = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	opJump    = unix.BPF_JMP | unix.BPF_JA
	opReturn  = unix.BPF_RET | unix.BPF_K
)

// A program is a filter under construction.
type program []unix.SockFilter

func (p *program) add(code uint16, k uint32) { *p = append(*p, unix.SockFilter{Code: code, K: k}) }

// branch adds a test with the number of instructions to skip if it holds and if not.
func (p *program) branch(code uint16, k uint32, yes, no uint8) {
	*p = append(*p, unix.SockFilter{Code: code, K: k, Jt: yes, Jf: no})
}

// loadArg loads the low 32 bits of an argument of the system call.
func (p *program) loadArg(i int) {
	off := uint32(offArgs + 8*i)
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 { // big endian: the low half is the second
		off += 4
	}
	p.add(opLoad, off)
}

// refuse gives the calls numbered so the answer.
func (p *program) refuse(numbers []uint32, answer uint32) {
	for _, n := range numbers {
		p.branch(opEqual, n, 0, 1)
		p.add(opReturn, answer)
	}
}

// section starts instructions for one call: f's instructions run only for it,
// and must not fall through. The number is loaded again by none of them.
func (p *program) section(number uint32, f func(*program)) {
	var body program
	f(&body)
	if len(body) > math.MaxUint8 {
		panic("internal error: confine: a section of a filter is too long")
	}
	p.branch(opEqual, number, 0, uint8(len(body)))
	*p = append(*p, body...)
}

func answerErrno(e unix.Errno) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(e) }

// install binds this thread and what it becomes to the filter. It needs
// no_new_privs. Flags are those of seccomp(2); the result is its result.
func (p program) install(flags uint) (int, error) {
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: unsafe.SliceData([]unix.SockFilter(p))}
	r, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, uintptr(flags), uintptr(unsafe.Pointer(&prog)))
	if e != 0 {
		return 0, e
	}
	return int(r), nil
}
