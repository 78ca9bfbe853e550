package elfscan

import "debug/elf"

// category gives the multilib category of an object, "" if it has none: which
// objects can be loaded together. The names are those of Portage.
func category(f *elf.File, flags uint32) string {
	prefix := machinePrefix(f.Machine)
	if prefix == "" {
		return ""
	}
	suffix := ""
	switch prefix {
	case "mips":
		suffix = mipsABI(f.Class, flags)
	case "riscv":
		suffix = riscvABI(f.Class, flags)
	case "loong":
		suffix = loongABI(flags)
	default:
		suffix = width(f)
	}
	if suffix == "" {
		return ""
	}
	return prefix + "_" + suffix
}

func width(f *elf.File) string {
	switch {
	case f.Class == elf.ELFCLASS64:
		return "64"
	case f.Class == elf.ELFCLASS32 && f.Machine == elf.EM_X86_64:
		return "x32"
	case f.Class == elf.ELFCLASS32:
		return "32"
	}
	return ""
}

// Machines that debug/elf has no name for.
const (
	machineElbrus  = elf.Machine(175)
	machineARC3    = elf.Machine(255)
	machineARC3_64 = elf.Machine(253)
)

func machinePrefix(m elf.Machine) string {
	switch m {
	case elf.EM_386, elf.EM_X86_64:
		return "x86"
	case elf.EM_68K:
		return "m68k"
	case elf.EM_AARCH64, elf.EM_ARM:
		return "arm"
	case elf.EM_ALPHA:
		return "alpha"
	case elf.EM_AMDGPU:
		return "amdgpu"
	case elf.EM_ALTERA_NIOS2:
		return "nios2"
	case elf.EM_ARC, elf.EM_ARC_COMPACT, elf.EM_ARC_COMPACT2, machineARC3, machineARC3_64:
		return "arc"
	case elf.EM_BPF:
		return "bpf"
	case elf.EM_IA_64:
		return "ia64"
	case elf.EM_LOONGARCH:
		return "loong"
	case machineElbrus:
		return "e2k"
	case elf.EM_MIPS:
		return "mips"
	case elf.EM_PARISC:
		return "hppa"
	case elf.EM_PPC, elf.EM_PPC64:
		return "ppc"
	case elf.EM_RISCV:
		return "riscv"
	case elf.EM_S390:
		return "s390"
	case elf.EM_SH:
		return "sh"
	case elf.EM_SPARC, elf.EM_SPARC32PLUS, elf.EM_SPARCV9:
		return "sparc"
	}
	return ""
}

func mipsABI(class elf.Class, flags uint32) string {
	const abiMask, abi2 = 0xf000, 0x20
	switch {
	case flags&abiMask != 0:
		return map[uint32]string{0x1000: "o32", 0x2000: "o64", 0x3000: "eabi32", 0x4000: "eabi64"}[flags&abiMask]
	case flags&abi2 != 0:
		return "n32"
	case class == elf.ELFCLASS64:
		return "n64"
	}
	return ""
}

// riscvABI knows only the compressed instruction set, with no or double floats.
func riscvABI(class elf.Class, flags uint32) string {
	const compressed, doubles = 1, 4
	name := map[elf.Class]string{elf.ELFCLASS64: "lp64", elf.ELFCLASS32: "ilp32"}[class]
	switch flags {
	case compressed:
		return name
	case compressed | doubles:
		if name != "" {
			return name + "d"
		}
	}
	return ""
}

func loongABI(flags uint32) string {
	return map[uint32]string{1: "lp64s", 2: "lp64f", 3: "lp64d", 5: "ilp32s", 6: "ilp32f", 7: "ilp32d"}[flags&7]
}
