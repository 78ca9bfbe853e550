package manifest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// An Update makes the Manifest of one package folder anew, as Portage does.
type Update struct {
	Dir     string // the package folder, .../CATEGORY/PACKAGE
	Policy  Policy
	Distdir string
	// Distfiles are the names of all files in SRC_URI of all ebuilds of the folder,
	// under any USE flags.
	Distfiles []string
	// Assume keeps the digests of distfiles that are there with the size and all
	// the hashes they should have, without reading them: FEATURES=assume-digests.
	Assume bool
	// Forget are distfiles whose old digests do not count: "ebuild --force".
	Forget []string
}

// A Want is why a distfile must be fetched before a Manifest can be made.
type Want uint8

const (
	WantAbsent Want = iota // it is not there, and its digests are not known
	WantHashes             // it is not there, and not all required digests are known
	WantSize               // it is there with another size than the Manifest knows
	WantEmpty              // it is there, but empty
)

// String says the reason in a few words.
func (w Want) String() string {
	switch w {
	case WantAbsent:
		return "is absent and has no known digest"
	case WantHashes:
		return "is absent, and a required digest is not known"
	case WantSize:
		return "has another size than the Manifest knows"
	case WantEmpty:
		return "is empty"
	}
	return fmt.Sprintf("Want(%d)", uint8(w))
}

// A Lack is a distfile that must be fetched before a Manifest can be made.
type Lack struct {
	Name  string
	Want  Want
	Known *Entry // what the Manifest knows about it; nil if nothing
}

// A LackError says that the Manifest of a folder cannot be made from what is
// there.
type LackError struct {
	Manifest string
	Lacks    []Lack
}

// Error names the files.
func (e *LackError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: distfiles must be fetched first:", e.Manifest)
	for i, l := range e.Lacks {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %s %s", l.Name, l.Want)
	}
	return b.String()
}

// Lacks lists the distfiles that must be fetched before the Manifest can be
// made, sorted: those without usable digests that are absent, and those that are
// there with another size than the Manifest knows (a broken download should not
// become the truth).
func (u *Update) Lacks() ([]Lack, error) {
	old, err := u.old()
	if err != nil {
		return nil, err
	}
	var lacks []Lack
	for _, name := range u.distfiles() {
		l := Lack{Name: name}
		e, listed := old[name]
		if listed {
			l.Known = &e
		}
		st, err := os.Stat(filepath.Join(u.Distdir, name))
		switch {
		case err == nil && st.Size() == 0:
			l.Want = WantEmpty
		case err == nil && listed && st.Size() != e.Size:
			l.Want = WantSize
		case err == nil:
			continue
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("look for distfile: %w", err)
		case !listed || e.Size == 0:
			l.Want = WantAbsent
		case !u.complete(e):
			l.Want = WantHashes
		default:
			continue
		}
		lacks = append(lacks, l)
	}
	return lacks, nil
}

// complete says whether an entry has all hashes that the policy requires.
func (u *Update) complete(e Entry) bool {
	return !slices.ContainsFunc(u.Policy.Required, func(name string) bool { return e.Hash(name) == "" })
}

func (u *Update) distfiles() []string {
	names := slices.Clone(u.Distfiles)
	slices.Sort(names)
	return slices.Compact(names)
}

// old gives the known digests of distfiles.
func (u *Update) old() (map[string]Entry, error) {
	m, err := Open(u.Dir, u.Policy)
	if err != nil {
		return nil, err
	}
	known := make(map[string]Entry)
	for _, e := range m.Entries {
		if e.Type == Dist && !slices.Contains(u.Forget, e.Name) {
			known[e.Name] = e
		}
	}
	return known, nil
}

// Generate makes the entries, in the order of the file. Distfiles that are absent
// without known digests are left out; assumed lists those whose digests were
// taken over because they are absent.
func (u *Update) Generate(ctx context.Context) (entries []Entry, assumed []string, err error) {
	old, err := u.old()
	if err != nil {
		return nil, nil, err
	}
	files, err := u.folder()
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if u.Policy.Thin {
			break
		}
		f.entry, err = u.hash(ctx, f.entry, f.path)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, f.entry)
	}
	for _, name := range u.distfiles() {
		e, absent, err := u.distfile(ctx, name, old)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, nil, err
		case absent:
			assumed = append(assumed, name)
		}
		entries = append(entries, e)
	}
	return sorted(entries), assumed, nil
}

// distfile takes over what is known about a distfile, or hashes it.
func (u *Update) distfile(ctx context.Context, name string, old map[string]Entry) (e Entry, absent bool, err error) {
	path := filepath.Join(u.Distdir, name)
	e, listed := old[name]
	listed = listed && u.complete(e)
	st, err := os.Stat(path)
	if listed && err != nil {
		return e, true, nil
	}
	if listed && u.Assume && e.Size == st.Size() && u.exactly(e) {
		return e, false, nil
	}
	e, err = u.hash(ctx, Entry{Type: Dist, Name: name}, path)
	return e, false, err
}

// exactly says whether an entry has the hashes of the policy, no other.
func (u *Update) exactly(e Entry) bool {
	return len(e.Hashes) == len(u.Policy.Hashes) &&
		!slices.ContainsFunc(u.Policy.Hashes, func(name string) bool { return e.Hash(name) == "" })
}

func (u *Update) hash(ctx context.Context, e Entry, path string) (Entry, error) {
	st, err := os.Stat(path) // an open of a named pipe would wait
	if err != nil {
		return e, fmt.Errorf("hash %s %s: %w", e.Type, e.Name, err)
	}
	if !st.Mode().IsRegular() {
		return e, fmt.Errorf("hash %s %s: %s: %w", e.Type, e.Name, path, errNotRegular)
	}
	f, err := os.Open(path)
	if err != nil {
		return e, fmt.Errorf("hash %s %s: %w", e.Type, e.Name, err)
	}
	defer f.Close()
	e.Size, e.Hashes, err = Digests(&cancelled{ctx, f}, u.Policy.Hashes)
	if err != nil {
		return e, fmt.Errorf("hash %s %s: %w", e.Type, e.Name, err)
	}
	return e, nil
}

// A listedFile is a file of the package folder that a full Manifest lists.
type listedFile struct {
	entry Entry
	path  string
}

// folder lists the files of the package folder, and checks the ebuilds' names.
func (u *Update) folder() ([]listedFile, error) {
	entries, err := os.ReadDir(u.Dir)
	if err != nil {
		return nil, fmt.Errorf("read package folder: %w", err)
	}
	var files []listedFile
	for _, d := range entries {
		name, path := d.Name(), filepath.Join(u.Dir, d.Name())
		st, err := os.Stat(path)
		if strings.HasPrefix(name, ".") || d.IsDir() || err == nil && st.IsDir() {
			continue
		}
		kind := Misc
		switch {
		case strings.HasSuffix(name, ".ebuild"):
			if err := u.checkName(name); err != nil {
				return nil, err
			}
			kind = Ebuild
		case name == FileName || !ValidPath(name):
			continue
		}
		files = append(files, listedFile{Entry{Type: kind, Name: name}, path})
	}
	aux := filepath.Join(u.Dir, "files")
	err = walkFiles(aux, func(name string) {
		if ValidPath(name) && auxListed(name) {
			files = append(files, listedFile{Entry{Type: Aux, Name: name}, filepath.Join(aux, name)})
		}
	}, func(string) bool { return true })
	return files, err
}

// checkName refuses an ebuild whose name is no version of the folder's package.
func (u *Update) checkName(name string) error {
	category, pn := filepath.Base(filepath.Dir(u.Dir)), filepath.Base(u.Dir)
	path := filepath.Join(u.Dir, name)
	cpv, err := atoms.ParseCPV(category + "/" + strings.TrimSuffix(name, ".ebuild"))
	if err != nil {
		return fmt.Errorf("%s: name of an ebuild: %w", path, err)
	}
	if cpv.CP.Name() != pn {
		return fmt.Errorf("%s: name of an ebuild: %s is not in the folder of its package", path, cpv)
	}
	return nil
}

// Format gives the text of a Manifest with the entries: hashes that are not
// known here are left out, as Portage does.
func Format(entries []Entry) []byte {
	var b strings.Builder
	for _, e := range sorted(entries) {
		b.WriteString(writable(e).String())
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func writable(e Entry) Entry {
	var hashes []Hash
	for _, h := range e.Hashes {
		if Known(h.Name) {
			hashes = append(hashes, h)
		}
	}
	e.Hashes = hashes
	return e
}

// Write replaces the Manifest by one with the entries, unless it has just these
// already (then signature and other lines stay). Without entries a thin or
// optional Manifest is removed. It says whether anything changed.
func (u *Update) Write(entries []Entry) (changed bool, err error) {
	if u.Policy.Unused {
		return false, nil
	}
	path := filepath.Join(u.Dir, FileName)
	for _, e := range entries {
		if !u.complete(e) {
			return false, fmt.Errorf("write %s: %s %s lacks one of the required hashes %s", path, e.Type, e.Name, strings.Join(u.Policy.Required, ", "))
		}
	}
	if len(entries) == 0 && (u.Policy.Thin || u.Policy.Optional) {
		err := os.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return err == nil, err
	}
	text := Format(entries)
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("update Manifest: %w", err)
	}
	if err == nil && len(entries) > 0 && sameEntries(old, text) {
		return false, nil
	}
	return true, atomicfile.WriteFile(path, text, permissions(path))
}

// sameEntries says whether a Manifest has the entries of text, each on one line
// and in their order.
func sameEntries(old, text []byte) bool {
	var lines []string
	for line := range strings.Lines(string(old)) {
		line = strings.TrimRight(line, "\r\n")
		if t, ok := ParseType(firstWord(line)); ok {
			if e, err := parseEntry(t, line); err == nil {
				lines = append(lines, e.String()+"\n")
			}
		}
	}
	return strings.Join(lines, "") == string(text)
}

// permissions are those of the file that is replaced, or those that Portage
// gives a new one.
func permissions(path string) fs.FileMode {
	if st, err := os.Stat(path); err == nil {
		return st.Mode().Perm()
	}
	return 0o644
}
