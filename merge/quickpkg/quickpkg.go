// Package quickpkg makes binary packages of installed packages, from the files that
// are there now.
//
// It follows Portage's quickpkg: files that are gone are left out, devices too, and
// configuration files of the user's are replaced by a comment unless they are asked
// for. It departs from it in that the package gets a BUILD_ID of its own, and
// nothing of the database's bookkeeping (COUNTER, BINPKGMD5). The database is only
// read. The package refuses to choose what is packed, and to print.
package quickpkg

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/imagetar"
	"github.com/tumpline/tumpline/merge/confprotect"
	"github.com/tumpline/tumpline/merge/vdb"
)

// A Config says which configuration files are packed.
type Config uint8

const (
	NoConfig         Config = iota // none that CONFIG_PROTECT covers
	UnmodifiedConfig               // --include-unmodified-config=y: those that are as they were installed
	AllConfig                      // --include-config=y
)

// String gives the option.
func (c Config) String() string {
	switch c {
	case NoConfig:
		return "--include-config=n"
	case UnmodifiedConfig:
		return "--include-unmodified-config=y"
	case AllConfig:
		return "--include-config=y"
	}
	return fmt.Sprintf("Config(%d)", uint8(c))
}

// Options say what is packed, and where it goes.
type Options struct {
	Root    string // ROOT: absolute
	EPrefix string
	DB      *vdb.DB
	Config  Config
	// Protect and ProtectMask are the words of CONFIG_PROTECT and
	// CONFIG_PROTECT_MASK.
	Protect, ProtectMask []string
	// Write says how packages are written; CPV, what is packed and metadata are
	// filled in.
	Write binpkg.WriteOptions
}

// A Result is a package that was made.
type Result struct {
	*binpkg.Written
	Excluded []string // configuration files that were replaced by a comment; absolute
	Missing  []string // files that are not there; absolute
	Problems []error  // of CONTENTS
}

// ErrGone reports a package that is not installed any more.
var ErrGone = errors.New("not installed")

// Make packs one installed package. The database is locked as long as it is read,
// if the caller may do that.
func Make(ctx context.Context, p *ebuild.Package, o *Options) (*Result, error) {
	m := &making{Options: o, p: p}
	lock, err := atomicfile.Acquire(ctx, filepath.Join(filepath.Dir(o.DB.Dir), ".pkg.portage_lockfile"), atomicfile.Exclusive)
	if err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, unix.EROFS) {
		return nil, fmt.Errorf("quickpkg %s: %w", p.CPV, err)
	}
	if lock != nil {
		defer lock.Remove()
	}
	if err := m.run(ctx); err != nil {
		return nil, fmt.Errorf("quickpkg %s: %w", p.CPV, err)
	}
	return &m.result, nil
}

// A making packs one package.
type making struct {
	*Options
	p      *ebuild.Package
	result Result
	packed imagetar.Tally
}

func (m *making) run(ctx context.Context) error {
	metadata, err := m.metadata()
	if err != nil {
		return err
	}
	contents, problems := m.DB.Contents(m.p)
	m.result.Problems = problems
	files, err := m.files(contents)
	if err != nil {
		return err
	}
	w := m.Write
	w.CPV, w.Metadata, w.BuildInfo, w.Image = m.p.CPV, metadata, "", ""
	w.Pack = func(ctx context.Context, out io.Writer, f binpkg.Format) error { return m.pack(ctx, out, f, files) }
	m.result.Written, err = binpkg.Write(ctx, &w)
	if err == nil {
		m.result.Tally = m.packed
	}
	return err
}

// metadata reads the entry of the package.
func (m *making) metadata() (map[string][]byte, error) {
	entries, err := os.ReadDir(m.p.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name() == "CONTENTS" {
			continue
		}
		if files[e.Name()], err = os.ReadFile(filepath.Join(m.p.Path, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// comment stands for a configuration file that is not packed: its name must not be
// free for others.
const comment = "# empty file because --include-config=n when `quickpkg` was used\n"

// files lists what is packed.
func (m *making) files(contents []vdb.Content) ([]imagetar.Listed, error) {
	protect := confprotect.New(confprotect.Root(m.Root), m.EPrefix, m.Protect, m.ProtectMask)
	var files []imagetar.Listed
	seen := map[string]bool{}
	for _, c := range contents {
		f := imagetar.Listed{Path: strings.Trim(c.Path, "/"), IsDir: c.Kind == vdb.KindDir}
		if f.Path == "" || seen[f.Path] {
			continue
		}
		seen[f.Path] = true
		if !filepath.IsLocal(f.Path) {
			return nil, fmt.Errorf("CONTENTS: %q is not below the root", c.Path)
		}
		if m.Config != AllConfig && m.isFile(f.Path) && protect.Protected(c.Path) {
			same, err := m.unmodified(c)
			if err != nil {
				return nil, err
			}
			if !same {
				f.Instead = []byte(comment)
				m.result.Excluded = append(m.result.Excluded, c.Path)
			}
		}
		files = append(files, f)
	}
	return files, nil
}

// isFile says if there is a regular file at a path.
func (m *making) isFile(path string) bool {
	st, err := os.Lstat(filepath.Join(m.Root, path))
	return err == nil && st.Mode().IsRegular()
}

// unmodified says if a file may be packed because it is as it was installed.
func (m *making) unmodified(c vdb.Content) (bool, error) {
	if m.Config != UnmodifiedConfig || c.Kind != vdb.KindFile {
		return false, nil
	}
	f, err := os.OpenFile(filepath.Join(m.Root, c.Path), os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return false, err
	}
	defer f.Close() // only read from
	sum := md5.New()
	if _, err := io.Copy(sum, f); err != nil {
		return false, err
	}
	return strings.EqualFold(hex.EncodeToString(sum.Sum(nil)), c.MD5), nil
}

// pack writes the tar.
func (m *making) pack(ctx context.Context, out io.Writer, f binpkg.Format, files []imagetar.Listed) error {
	p := &imagetar.Packer{Image: m.Root, Top: ".", Format: imagetar.GNU, Xattrs: m.Write.Xattrs, XattrExclude: m.Write.XattrExclude, Latest: m.Write.Latest, Attributes: m.Write.Attributes}
	if f == binpkg.FormatGPKG {
		p.Top, p.Format = "image", imagetar.Ustar
	}
	tally, missing, err := p.WriteListed(ctx, out, files)
	m.packed, m.result.Missing = tally, nil
	for _, path := range missing {
		m.result.Missing = append(m.result.Missing, "/"+path)
	}
	return err
}
