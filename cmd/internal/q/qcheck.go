package q

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/q/tree"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/vdb"
)

func qcheck() applet {
	return applet{name: "qcheck", args: "<pkgname>", about: "verify integrity of installed packages", kind: Checked, run: runCheck, options: []option{
		{letter: 'F', name: "format=", about: "Custom output format (default: %[CATEGORY]%[PN])"},
		{letter: 's', name: "skip=", about: "Ignore files matching the regular expression <arg>"},
		{letter: 'u', name: "update", about: "Update missing files, chksum and mtimes for packages"},
		{letter: 'A', name: "noafk", about: "Ignore missing files"},
		{letter: 'B', name: "badonly", about: "Only print pkgs containing bad files"},
		{letter: 'H', name: "nohash", about: "Ignore differing/unknown file chksums"},
		{letter: 'T', name: "nomtime", about: "Ignore differing file mtimes"},
		{letter: 'P', name: "skip-protected", about: "Ignore files in CONFIG_PROTECT-ed paths"},
		{letter: 'p', name: "prelink", about: "Undo prelink when calculating checksums"},
	}}
}

// A checker is one run of qcheck. It does not change while packages are checked.
type checker struct {
	*call
	format                                        string
	skip                                          []*regexp.Regexp
	update, missing, sums, times, protected, only bool
	protect, unprotect                            []string
}

// A verdict is what came of one file.
type verdict uint8

const (
	fileGood    verdict = iota
	fileBad             // counts as bad
	fileUnknown         // counts as bad: its content cannot be had
	fileIgnored         // does not count
)

// A checked package is what came of it.
type checked struct {
	pkg                   *tree.Package
	total, good           int
	unknown, ignored      int
	lines                 []string  // what is told about files, without the blank before
	problems              []problem // the same, for the answer as data
	contents              string    // the new CONTENTS
	hasContents, modified bool
}

func runCheck(_ context.Context, c *call) error {
	k := &checker{call: c, update: c.has("update"), missing: !c.has("noafk"), sums: !c.has("nohash"), times: !c.has("nomtime"),
		protected: c.has("skip-protected"), only: c.has("badonly")}
	k.format = c.nameFormat()
	if format, ok := c.last("format"); ok {
		k.format = format
	}
	for _, text := range c.values("skip") {
		re, err := extended(text)
		if err != nil {
			return c.fail("invalid regexp: %s -- %s", text, err)
		}
		k.skip = append(k.skip, re)
	}
	k.protect = strings.Fields(c.conf.Get("CONFIG_PROTECT"))
	k.unprotect = strings.Fields(c.conf.Get("CONFIG_PROTECT_MASK"))
	t := c.installed()
	if t == nil {
		return ended(false)
	}
	all := c.each(t, c.atoms())
	good := true
	var results []*checked
	var failure error
	ordered(len(all), func(i int) *checked { return k.check(all[i]) }, func(r *checked) {
		ok, err := k.tell(r)
		good = good && ok
		failure = errors.Join(failure, err)
		results = append(results, r)
	})
	if failure == nil && c.json {
		failure = c.checkedAsData(results)
	}
	if failure != nil {
		return failure
	}
	return ended(good)
}

// check checks the files of one package.
func (k *checker) check(p *tree.Package) *checked {
	r := &checked{pkg: p}
	text, ok := p.Get("CONTENTS")
	if !ok {
		return r
	}
	r.hasContents = true
	var kept strings.Builder
	for line := range strings.Lines(text + "\n") {
		line = strings.TrimSuffix(line, "\n")
		entries, _ := vdb.ParseContents("", []byte(line))
		if len(entries) == 0 || entries[0].Kind == vdb.KindDevice || entries[0].Kind == vdb.KindFIFO {
			if line != "" {
				kept.WriteString(line + "\n") // not a sort of file that is checked
			}
			continue
		}
		v, now := k.file(r, entries[0])
		r.total++
		switch v {
		case fileGood:
			r.good++
		case fileUnknown:
			r.unknown++
		case fileIgnored:
			r.total--
			r.ignored++
		}
		if v != fileBad {
			now = line
		}
		if now != "" {
			kept.WriteString(now + "\n")
		}
	}
	r.contents = kept.String()
	r.modified = r.contents != strings.TrimRight(text, "\n")+"\n"
	return r
}

// file checks one file. now is its line as it should be, "" for a file that is gone.
func (k *checker) file(r *checked, e vdb.Content) (v verdict, now string) {
	for _, re := range k.skip {
		if re.MatchString(e.Path) {
			return k.ignore(r, e, "matches regex"), ""
		}
	}
	if by := k.protectedBy(r.pkg, e.Path); by != "" {
		return k.ignore(r, e, "protected via "+by), ""
	}
	info, err := os.Lstat(r.pkg.Tree.Root + e.Path[1:])
	switch {
	case err != nil && !k.missing:
		return k.ignore(r, e, reason(err)), ""
	case errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
		r.note(e, "missing", k.col.Red+"AFK"+k.col.Norm+": "+e.Path)
		return fileBad, ""
	case err != nil:
		r.note(e, "error", fmt.Sprintf("%sERROR (%s)%s: %s", k.col.Red, reason(err), k.col.Norm, e.Path))
		return fileBad, ""
	case !k.times && e.Kind == vdb.KindSymlink:
		return k.ignore(r, e, "symlink and no mtime check"), ""
	}
	mtime := info.ModTime().Unix()
	if e.MD5 != "" && info.Mode().IsRegular() {
		if v, done := k.sum(r, &e, info); done {
			e.MTime = mtime
			return v, e.String()
		}
	}
	switch {
	case e.MTime == 0 || e.MTime == mtime:
		return fileGood, ""
	case !k.times:
		return k.ignore(r, e, "mtime mismatch but check disabled"), ""
	}
	text := k.col.Red + "MTIME" + k.col.Norm + ": " + e.Path
	if k.verbose > 0 {
		text += fmt.Sprintf(" (recorded '%d' != actual '%d')", e.MTime, mtime)
	}
	r.note(e, "mtime", text)
	e.MTime = mtime
	return fileBad, e.String()
}

// sum compares the digest of a file, and puts the true one into e if that is another.
// done says that nothing else is to be checked.
func (k *checker) sum(r *checked, e *vdb.Content, info fs.FileInfo) (v verdict, done bool) {
	var h hash.Hash
	name := "MD5"
	switch len(e.MD5) {
	case 2 * md5.Size:
		h = md5.New()
	case 2 * sha1.Size:
		h, name = sha1.New(), "SHA1"
	default:
		if !k.sums {
			return k.ignore(r, *e, "unknown digest"), true
		}
		r.note(*e, "digest", fmt.Sprintf("%sUNKNOWN DIGEST%s: '%s' for '%s'", k.col.Red, k.col.Norm, e.MD5, e.Path))
		return fileUnknown, true
	}
	actual, err := sumOf(h, r.pkg.Tree.Root+e.Path[1:])
	if err != nil {
		text := ""
		if k.verbose > 0 {
			text = fmt.Sprintf("%sPERM %4o%s: %s", k.col.Red, permissions(info), k.col.Norm, e.Path)
		}
		r.note(*e, "unreadable", text)
		return fileUnknown, true
	}
	switch {
	case actual == e.MD5:
		return fileGood, false
	case !k.sums:
		return k.ignore(r, *e, "digest mismatch but check disabled"), true
	}
	text := fmt.Sprintf("%s%s-DIGEST%s: %s", k.col.Red, name, k.col.Norm, e.Path)
	if k.verbose > 0 {
		text += fmt.Sprintf(" (recorded '%s' != actual '%s')", e.MD5, actual)
	}
	r.note(*e, "digest", text)
	e.MD5 = actual
	return fileBad, true
}

func sumOf(h hash.Hash, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() // only read
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// permissions are those of a file, with setuid and the like.
func permissions(info fs.FileInfo) uint32 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Mode & 0o7777
	}
	return uint32(info.Mode().Perm())
}

// ignore notes a file that is not checked; why is told in a verbose run.
func (k *checker) ignore(r *checked, e vdb.Content, why string) verdict {
	if k.verbose > 0 {
		r.lines = append(r.lines, k.col.Yellow+"SKIP"+k.col.Norm+" "+e.Path+": "+why)
	}
	return fileIgnored
}

func (r *checked) note(e vdb.Content, kind, line string) {
	if line != "" {
		r.lines = append(r.lines, line)
	}
	r.problems = append(r.problems, problem{Path: e.Path, Kind: kind})
}

// protectedBy is the word of CONFIG_PROTECT that covers a path, "" if none counts.
func (k *checker) protectedBy(p *tree.Package, path string) string {
	if !k.protected {
		return ""
	}
	eprefix, _ := p.Get("EPREFIX") // a package may have none
	if len(path) > len(eprefix) {
		path = path[len(eprefix):]
	}
	covers := func(word string) bool { return strings.HasPrefix(path, word) }
	if slices.ContainsFunc(k.unprotect, covers) {
		return ""
	}
	if i := slices.IndexFunc(k.protect, covers); i >= 0 {
		return k.protect[i]
	}
	return ""
}

// tell prints what came of a package, and updates its entry if that is wanted. good
// says that the run may succeed.
func (k *checker) tell(r *checked) (good bool, err error) {
	if !r.hasContents {
		return false, nil
	}
	bad := r.good != r.total
	verb := "Check"
	if k.update {
		verb = "Updat"
		if r.modified {
			err = r.write()
		}
	}
	good = !bad || k.update
	if k.json {
		return good, err
	}
	name := k.call.format(k.format, r.pkg.Atom())
	if k.only {
		if bad && (!k.update || k.verbose > 0) {
			k.printf("%s\n", name)
		}
		return good, err
	}
	k.printf("%sing %s ...\n", verb, name)
	for _, line := range r.lines {
		k.printf(" %s\n", line)
	}
	if k.update && k.verbose == 0 {
		return good, err
	}
	blue, norm := k.col.Blue, k.col.Norm
	k.printf("  %s*%s %s%d%s out of %s%d%s file%s are good", k.col.Bold, norm, blue, r.good, norm, blue, r.total, norm, plural(r.total, "", "s"))
	if r.unknown > 0 {
		k.printf(" (Unable to digest %s%d%s file%s)", blue, r.unknown, norm, plural(r.unknown, "", "s"))
	}
	if r.ignored > 0 {
		k.printf(" (%s%d%s file%s ignored)", blue, r.ignored, norm, plural(r.ignored, " was", "s were"))
	}
	k.printf("\n")
	return good, err
}

// write replaces CONTENTS. The folder keeps its time: the file metadata of an entry,
// which goes by that time, says nothing of CONTENTS and stays true.
func (r *checked) write() error {
	dir, file := r.pkg.Path(), r.pkg.Path()+"/CONTENTS"
	before, err := os.Stat(dir)
	if err != nil {
		return err
	}
	old, err := os.Stat(file)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(file, []byte(r.contents), old.Mode().Perm()); err != nil {
		return err
	}
	return os.Chtimes(dir, time.Time{}, before.ModTime())
}

// plural chooses a word by a number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
