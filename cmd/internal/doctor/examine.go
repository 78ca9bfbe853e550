package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/cmd/internal/board"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// configuration reads the configuration of the target.
func (d *doctor) configuration() {
	const area = "configuration"
	config, err := session.LoadConfig(d.sources)
	if err != nil {
		d.find(area, failing, err.Error(), "correct the file or variable that is named; tumpline board setup makes the configuration of a board")
		return
	}
	d.config = config
	var details []string
	for _, w := range config.Warnings() {
		details = append(details, w.Error())
	}
	if len(details) > 0 {
		d.find(area, warning, fmt.Sprintf("%d oddities in %s, the profile or repositories", len(details), config.UserDir), "correct the lines that are named: they are passed over", details...)
	}
	if len(config.Nodes) == 0 {
		d.find(area, failing, "there is no profile: "+filepath.Join(config.UserDir, "make.profile")+" leads to none", "tumpline profile list shows what there is, tumpline profile set NAME chooses one")
	} else if old := config.Deprecation(); old != nil {
		d.find(area, warning, "the profile is deprecated", "choose another with tumpline profile set")
	} else {
		d.find(area, fine, "profile "+config.Nodes[len(config.Nodes)-1].Path+", "+config.Arch(), "")
	}
	d.repositories(config.Repos())
}

// repositories looks at the repositories.
func (d *doctor) repositories(config *repos.Config) {
	const area = "configuration"
	if len(config.Repos) == 0 || config.Main == nil {
		d.find(area, failing, "there is no main repository", "name one in etc/portage/repos.conf: [DEFAULT] main-repo = NAME, and a section with its location")
	}
	for _, r := range config.Repos {
		cache := filepath.Join(r.Location, "metadata/md5-cache")
		if !session.IsDir(cache) {
			d.find(area, warning, fmt.Sprintf("repository %s has no metadata cache: each ebuild is sourced when it is first asked for", r.Name), "tumpline regen "+r.Name)
			continue
		}
		d.find(area, fine, fmt.Sprintf("repository %s in %s", r.Name, r.Location), "")
	}
}

// roots looks at the places that a run reads and writes.
func (d *doctor) roots() {
	const area = "roots"
	if d.config == nil {
		return
	}
	root := d.config.Get("ROOT")
	places := map[string]string{"ROOT": root, "PKGDIR": d.config.Get("PKGDIR"), "DISTDIR": d.config.Get("DISTDIR"), "PORTAGE_TMPDIR": d.config.Get("PORTAGE_TMPDIR")}
	for _, name := range []string{"ROOT", "PORTAGE_TMPDIR", "DISTDIR", "PKGDIR"} {
		path := places[name]
		switch err := unix.Access(path, unix.W_OK); {
		case errors.Is(err, fs.ErrNotExist) && name == "ROOT":
			d.find(area, failing, "ROOT does not exist: "+path, "make it, or correct ROOT")
		case errors.Is(err, fs.ErrNotExist):
			d.find(area, warning, name+" does not exist: "+path, "mkdir -p "+shellconf.Quote(path))
		case err != nil:
			d.find(area, warning, fmt.Sprintf("%s may not be written to: %s (%v)", name, path, err), "merge as its owner or as root; planning needs no rights")
		default:
			d.find(area, fine, name+" "+path+d.space(name, path), "")
		}
	}
	entries, err := filepath.Glob(filepath.Join(d.config.Get("EROOT"), "var/db/pkg/*/-MERGING-*"))
	if err == nil && len(entries) > 0 {
		d.find(area, warning, "merges that Portage left unfinished", "emerge those packages again", entries...)
	}
	db := session.OpenInstalled(d.sources, d.config.Get("EROOT"), vdb.Interest{}, time.Now())
	defer db.Close() // losing the index costs time, nothing else
	var details []string
	for _, p := range db.Problems() {
		details = append(details, p.Error())
	}
	all, err := db.All()
	switch {
	case err != nil:
		d.find(area, failing, err.Error(), "the database of installed packages has to be readable")
	case len(details) > 0:
		d.find(area, warning, "entries of installed packages are broken", "merge those packages again; emaint --check vdb tells more", details...)
	default:
		d.find(area, fine, fmt.Sprintf("%d packages are installed in %s", len(all), root), "")
	}
}

// space tells the free space of the place where packages are built.
func (d *doctor) space(name, path string) string {
	var st unix.Statfs_t
	if name != "PORTAGE_TMPDIR" || unix.Statfs(path, &st) != nil {
		return ""
	}
	return fmt.Sprintf(", %d MiB free", st.Bavail*uint64(st.Bsize)>>20)
}

// boards looks at the boards.
func (d *doctor) boards() {
	const area = "boards"
	list, err := board.All(d.env)
	if err != nil {
		d.find(area, warning, err.Error(), "")
		return
	}
	for _, b := range list {
		switch {
		case !b.Exists:
			d.find(area, warning, fmt.Sprintf("the root of board %s is gone: %s", b.Name, b.Root), fmt.Sprintf("tumpline board setup %s ... makes it anew, tumpline board remove %s takes its wrappers away", b.Name, b.Name))
		case len(b.Problems) > 0:
			d.find(area, warning, fmt.Sprintf("board %s in %s", b.Name, b.Root), fmt.Sprintf("tumpline board setup %s ... --regen", b.Name), b.Problems...)
		default:
			d.find(area, fine, fmt.Sprintf("board %s in %s", b.Name, b.Root), "")
		}
	}
}

// kernel tries what the kernel offers to confine ebuilds.
func (d *doctor) kernel() {
	const area = "kernel"
	report := confine.Probe()
	if len(report.Missing) == 0 {
		d.find(area, fine, fmt.Sprintf("all that confines ebuilds is there (Landlock %d)", report.Landlock), "")
		return
	}
	var details []string
	for _, m := range report.Missing {
		details = append(details, m.Error())
	}
	d.find(area, failing, "parts that confine ebuilds are missing: ebuilds are neither sourced nor built",
		"docs/confinement.md says what each part needs; in a container allow user namespaces and Landlock; TUMPLINE_CONFINE=n does without", details...)
}

// programs looks for what is called.
func (d *doctor) programs() {
	const area = "programs"
	if shells := session.Shells(d.env.Vars); len(shells) == 0 {
		d.find(area, failing, "there is no bash: ebuilds cannot be sourced", "install bash 5.3 or later, or name one in TUMPLINE_BASH")
	} else {
		d.find(area, fine, "bash "+shells[0], "")
	}
	wanted := []struct{ variable, program, why string }{
		{"FETCHCOMMAND", "", "files cannot be fetched by it"},
		{"PORTAGE_BZIP2_COMMAND", "", "environments of installed packages cannot be packed"},
		{"PORTAGE_BUNZIP2_COMMAND", "", "environments of installed packages cannot be unpacked"},
		{"", "tar", "sources cannot be unpacked"},
		{"", "patch", "patches cannot be applied"},
		{"", "make", "most packages cannot be built"},
		{"", "gcc", "most packages cannot be built"},
		{"", "git", "ebuilds of development versions cannot fetch, and tumpline diff cannot compare commits"},
	}
	for _, w := range wanted {
		program := w.program
		if w.variable != "" {
			if d.config == nil {
				continue
			}
			words, err := shellconf.Split(d.config.Get(w.variable))
			if err != nil || len(words) == 0 {
				continue
			}
			program = words[0]
		}
		if !d.has(program) {
			d.find(area, warning, fmt.Sprintf("%s is not there: %s", strings.TrimSpace(w.variable+" "+program), w.why), "install it, or name another in make.conf")
		}
	}
	if d.config != nil {
		if chost, cbuild := d.config.Get("CHOST"), d.config.Get("CBUILD"); cbuild != "" && chost != cbuild && !d.has(chost+"-gcc") {
			d.find(area, warning, chost+"-gcc is not there: packages cannot be built for "+chost, "install a cross compiler (crossdev); binary packages can be merged all the same")
		}
	}
}

// has says if a program is found.
func (d *doctor) has(program string) bool {
	if filepath.IsAbs(program) {
		return session.Exists(program)
	}
	return slices.ContainsFunc(filepath.SplitList(d.env.Vars["PATH"]), func(dir string) bool {
		_, err := exec.LookPath(filepath.Join(dir, program))
		return err == nil
	})
}

// unused is after what time an index that nobody asked for is told.
const unused = 90 * 24 * time.Hour

// caches looks at the indexes that are kept between runs.
func (d *doctor) caches() {
	const area = "caches"
	dir := d.sources.CacheDir
	if dir == "" {
		d.find(area, warning, "no place for indexes: each run reads everything", "set HOME, or TUMPLINE_CACHE_DIR to a folder")
		return
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		d.find(area, fine, "no indexes yet in "+dir, "")
		return
	}
	if err == nil {
		err = unix.Access(dir, unix.W_OK)
	}
	if err != nil {
		d.find(area, warning, fmt.Sprintf("%s cannot be used: %v", dir, err), "set TUMPLINE_CACHE_DIR to a folder that may be written to")
		return
	}
	var size int64
	var old []string
	current := d.current()
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		size += info.Size()
		if strings.HasSuffix(e.Name(), ".sqlite") && !slices.Contains(current, e.Name()) && time.Since(info.ModTime()) > unused {
			old = append(old, filepath.Join(dir, e.Name()))
		}
	}
	d.find(area, fine, fmt.Sprintf("indexes in %s: %d MiB", dir, size>>20), "")
	if len(old) > 0 {
		d.find(area, warning, fmt.Sprintf("%d indexes of other roots and repositories have not been written for 90 days", len(old)), "remove them; what is missed is made anew", old...)
	}
}

// current lists the names of the indexes of this configuration.
func (d *doctor) current() []string {
	if d.config == nil {
		return nil
	}
	var names []string
	for _, r := range d.config.Repos().Repos {
		names = append(names, index.FileName(r.Name, r.Location))
	}
	for _, root := range []string{d.config.Get("EROOT"), d.sources.Places().Build} {
		db := filepath.Join(root, "var/db/pkg")
		names = append(names, index.FileName("installed", db), index.FileName("owners", db))
	}
	return names
}
