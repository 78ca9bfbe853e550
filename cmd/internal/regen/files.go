package regen

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/descindex"
	"github.com/tumpline/tumpline/ebuild/usedesc"
)

// filePerm is that of new files; one that is there keeps its own.
const filePerm = 0o644

// replace replaces a file. A link at its place is followed.
func replace(path string, data []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	perm := fs.FileMode(filePerm)
	if st, err := os.Stat(path); err == nil {
		perm = st.Mode().Perm()
	}
	return atomicfile.WriteFile(path, data, perm)
}

// descriptions writes metadata/pkg_desc_index, in the user-side cache if the
// repository cannot be written to.
func (f *front) descriptions(r *ebuild.Repository) {
	base := r.Location
	if f.options.external || !writable(base) {
		if base = r.UserCacheDir(); !f.options.external {
			f.complain("WARNING: Repository is not writable: %s\n         Using cache directory instead: %s", r.Location, base)
		}
	}
	text, err := descindex.Write(r)
	if err != nil {
		f.complain("%s", err)
		f.fail(cli.StatusFailure)
	}
	path := filepath.Join(base, "metadata", "pkg_desc_index")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
		err = replace(path, text)
	}
	if err != nil {
		f.complain("%s", err)
		f.fail(cli.StatusFailure)
	}
}

// flags writes use.local.desc.
func (f *front) flags(r *ebuild.Repository) {
	path := filepath.Join(r.Location, "profiles", "use.local.desc")
	if f.options.output != nil {
		path = f.env.Abs(*f.options.output)
	} else if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		f.complain("%s", err)
	}
	toOutput := f.options.output != nil && *f.options.output == "-"
	var old []byte
	before, err := os.Stat(path)
	if err == nil && !toOutput {
		old, err = os.ReadFile(path)
	}
	if f.options.comments && errors.Is(err, fs.ErrNotExist) {
		f.complain("WARNING: --preserve-comments enabled, but output file not found: %s", path)
	}
	text := []byte(usedesc.Header)
	if f.options.comments && err == nil {
		text = usedesc.Comments(old)
	}
	text = f.described(r, text)
	if toOutput {
		if _, err := f.env.Out.Write(text); err != nil {
			f.fail(cli.StatusFailure)
		}
		return
	}
	mtime := time.Now().Truncate(time.Second)
	if err == nil && bytes.Equal(old, text) {
		mtime = before.ModTime().Truncate(time.Second) // rsync compares times
	}
	if err = replace(path, text); err == nil {
		err = os.Chtimes(path, mtime, mtime)
	}
	if err != nil {
		f.complain("ERROR: failed to open output file %s: %s", path, err)
		f.fail(statusNoOutput)
	}
}

// described appends the lines of all packages.
func (f *front) described(r *ebuild.Repository, text []byte) []byte {
	cps, err := r.CPs()
	if err != nil {
		f.complain("%s", err)
		f.fail(cli.StatusFailure)
	}
	for _, cp := range cps {
		file, err := os.Open(filepath.Join(r.Location, string(cp), "metadata.xml"))
		if err != nil {
			continue // as egencache does
		}
		flags, err := usedesc.Parse(file.Name(), file)
		file.Close() // it was only read
		if err == nil {
			text, err = usedesc.Append(text, cp, flags)
		}
		if err != nil {
			f.complain("ERROR: failed parsing %s/metadata.xml: %s", cp, err)
			f.fail(cli.StatusFailure)
		}
	}
	return text
}

// stamp writes metadata/timestamp.chk.
func (f *front) stamp(r *ebuild.Repository, now time.Time) {
	text := now.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000") + "\n"
	if err := replace(filepath.Join(r.Location, "metadata", "timestamp.chk"), []byte(text)); err != nil {
		f.complain("%s", err)
		f.fail(statusIO)
	}
}
