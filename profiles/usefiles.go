package profiles

import "github.com/tumpline/tumpline/atoms/eapi"

// useFiles is what one place, a profile node or a repository, says about USE.
type useFiles struct {
	stable       []Word // use.stable
	mask         forceFiles
	force        forceFiles
	pkgUSE       *Table // package.use
	pkgUSEStable *Table // package.use.stable
}

// forceFiles is the four files that mask, or force, flags.
type forceFiles struct {
	all       []Word // use.mask
	stable    []Word // use.stable.mask
	pkg       *Table // package.use.mask
	pkgStable *Table // package.use.stable.mask
}

func readUSEFiles(f *folder, e *eapi.Features) *useFiles {
	return &useFiles{
		stable:       f.flagsIf(e.USEStable, e, "use.stable"),
		pkgUSE:       f.table("package.use"),
		pkgUSEStable: f.tableIf(e.USEStable, e, "package.use.stable"),
		mask: forceFiles{
			all:       f.flags("use.mask"),
			stable:    f.flagsIf(e.StableMasks, e, "use.stable.mask"),
			pkg:       f.table("package.use.mask"),
			pkgStable: f.tableIf(e.StableMasks, e, "package.use.stable.mask"),
		},
		force: forceFiles{
			all:       f.flags("use.force"),
			stable:    f.flagsIf(e.StableMasks, e, "use.stable.force"),
			pkg:       f.table("package.use.force"),
			pkgStable: f.tableIf(e.StableMasks, e, "package.use.stable.force"),
		},
	}
}

// flagsIf and tableIf read a file that only some EAPIs have.
func (f *folder) flagsIf(supported bool, e *eapi.Features, name string) []Word {
	words := f.flags(name)
	if len(words) > 0 && !supported {
		f.refuse(e, name)
		return nil
	}
	return words
}

func (f *folder) tableIf(supported bool, e *eapi.Features, name string) *Table {
	t := f.table(name)
	if t != nil && !supported {
		f.refuse(e, name)
		return nil
	}
	return t
}

func (f *folder) refuse(e *eapi.Features, name string) {
	f.warn.at(Pos{File: f.join(name)}, "", "file without meaning in EAPI %s", e)
}
