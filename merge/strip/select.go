package strip

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/merge/elfscan"
	"github.com/tumpline/tumpline/profiles/fnmatch"
)

// A group is one file of the image with all its names.
type group struct {
	paths []string // in the image, sorted
	kind  elfscan.Kind
}

// groups gives the ELF files to work on, by their first paths.
func (o *Options) groups() []group {
	type inode struct{ dev, ino uint64 }
	byInode := make(map[inode]int)
	var out []group
	for _, obj := range o.Objects {
		if obj.Kind == elfscan.Other || !o.wanted(obj.File) {
			continue
		}
		info, err := os.Lstat(filepath.Join(o.D, obj.File))
		if err != nil || !info.Mode().IsRegular() {
			continue // the phase's leftover processes may still change things
		}
		st := info.Sys().(*syscall.Stat_t)
		key := inode{uint64(st.Dev), st.Ino}
		if i, ok := byInode[key]; ok {
			out[i].paths = append(out[i].paths, obj.File)
			continue
		}
		byInode[key] = len(out)
		out = append(out, group{paths: []string{obj.File}, kind: obj.Kind})
	}
	for i := range out {
		slices.Sort(out[i].paths)
	}
	slices.SortFunc(out, func(a, b group) int { return strings.Compare(a.paths[0], b.paths[0]) })
	return out
}

// wanted says whether a path of the image is to be worked on.
func (o *Options) wanted(file string) bool {
	inside, ok := strings.CutPrefix(file, o.EPrefix)
	if !ok {
		return false
	}
	in := func(list []string) bool {
		return slices.ContainsFunc(list, func(p string) bool { return below(inside, path.Clean("/"+p)) })
	}
	masked := slices.ContainsFunc(o.Mask, func(p string) bool { return fnmatch.Match(p, inside) })
	return in(o.Paths) && !in(o.Skip) && !masked
}

func below(file, dir string) bool {
	return dir == "/" || file == dir || strings.HasPrefix(file, dir+"/")
}

// archives lists the static libraries to work on.
func (o *Options) archives() ([]string, error) {
	if !o.Strip || o.SplitDebug {
		return nil, nil // what is not yet linked keeps its debug information
	}
	var out []string
	err := filepath.WalkDir(o.D, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file := "/" + strings.TrimPrefix(strings.TrimPrefix(p, o.D), "/")
		if d.Type().IsRegular() && strings.HasSuffix(p, ".a") && o.wanted(file) && isArchive(p) {
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// isArchive says whether a file begins like an ar archive.
func isArchive(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [8]byte
	n, err := f.Read(magic[:])
	return err == nil && string(magic[:n]) == "!<arch>\n"
}
