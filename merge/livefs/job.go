package livefs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/confprotect"
	"github.com/tumpline/tumpline/merge/inroot"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/preserved"
	"github.com/tumpline/tumpline/merge/vdb"
)

// A job is one merge or removal under way.
type job struct {
	Options
	root   Root
	fs     *inroot.FS
	log    *journal.Log
	txn    *journal.Txn
	db     *vdb.DB
	dbDir  string // of the database, in the host's terms
	result *Result
	stamps []string // entries that lose files, in the host's terms: their metadata stays true
	left   bool     // steps after the commit failed
	acts   []Act    // what becomes of the image's paths

	protect *confprotect.Protect
	memory  confprotect.Memory
	remind  bool // memory has changed
	reals   map[string]string
}

// open opens a root, takes its lock and recovers what a crash left.
func open(ctx context.Context, root Root, o Options) (*job, error) {
	f, err := inroot.Open(root.Dir)
	if err != nil {
		return nil, err
	}
	j := &job{Options: o, root: root, fs: f, result: &Result{}, reals: make(map[string]string)}
	j.log, err = journal.Open(ctx, f, journal.Options{EPrefix: root.EPrefix, Holder: o.Holder, Slots: o.slots, Now: o.Now, Waiting: o.Waiting, Fault: o.Fault})
	if err != nil {
		f.Close()
		return nil, err
	}
	started := false
	defer func() {
		if !started {
			j.close()
		}
	}()
	if err := j.start(ctx); err != nil {
		return nil, err
	}
	started = true
	return j, nil
}

func (j *job) start(ctx context.Context) error {
	var err error
	if j.result.Recovered, err = j.log.Recover(j.resume(ctx)); err != nil {
		return err
	}
	if err := j.sweep(); err != nil {
		return err
	}
	for _, dir := range []string{"var/db/pkg", "var/cache/edb", "var/lib/portage"} {
		if err := j.fs.MkdirAll(j.log.Path(dir), 0o755); err != nil {
			return err
		}
	}
	if j.dbDir, err = j.fs.Host(j.log.Path("var/db/pkg")); err != nil {
		return err
	}
	j.db = vdb.New(vdb.Options{Dir: j.dbDir})
	j.protect = confprotect.New(tree{j.fs}, j.root.EPrefix, j.ConfigProtect, j.ConfigProtectMask)
	text, err := j.fs.ReadFile(j.log.Path(confprotect.MemoryName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	j.memory = confprotect.ParseMemory(text)
	return nil
}

// stateFiles makes the files that Portage makes with its locks, if they are not there.
func (j *job) stateFiles() error {
	for _, file := range []struct {
		name   string
		mode   uint32
		wanted bool
	}{
		{confprotect.MemoryName, groupMode, true}, {preserved.Name, groupMode, j.feature("preserve-libs")},
		{vdb.WorldSetsName, plainMode, len(j.World.Add)+len(j.World.Remove) > 0},
	} {
		name := j.log.Path(file.name)
		st, err := j.stat(name)
		if err != nil {
			return err
		}
		if st != nil || !file.wanted {
			continue
		}
		f, err := j.fs.Create(name, file.mode)
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
	}
	return nil
}

// sweep removes the temporary files of replacements that a kill cut off.
func (j *job) sweep() error {
	for _, place := range []struct {
		dir   string
		files []string
	}{
		{"var/cache/edb", []string{"counter", "mtimedb"}},
		{journal.Folder, []string{"holder"}},
		{"etc", []string{"profile.env", "csh.env", "ld.so.conf"}},
		{"etc/environment.d", []string{"10-gentoo-env.conf"}},
	} {
		dir := j.log.Path(place.dir)
		names, err := j.fs.Names(dir)
		if err != nil {
			continue // there is nothing in it then
		}
		for _, n := range names {
			if !slices.ContainsFunc(place.files, func(file string) bool { return strings.HasPrefix(n, "."+file+".tmp") }) {
				continue
			}
			if err := j.fs.Remove(path.Join(dir, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *job) close() {
	j.log.Close()
	j.fs.Close() // nothing is written through it
}

// tree answers confprotect's questions.
type tree struct{ *inroot.FS }

// Exists says if there is anything at a path.
func (t tree) Exists(name string) bool {
	_, err := t.Lstat(name)
	return err == nil
}

// stat is Lstat where nothing is no error: nil then.
func (j *job) stat(name string) (*unix.Stat_t, error) {
	st, err := j.fs.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return st, nil
}

func kindOf(st *unix.Stat_t) uint32 { return st.Mode & unix.S_IFMT }

// real gives the path of a file without links in its folder; as it is if the folder
// does not exist.
func (j *job) real(name string) string {
	dir := path.Dir(name)
	real, ok := j.reals[dir]
	if !ok {
		var err error
		if real, err = j.fs.Real(dir); err != nil {
			real = dir
			if above := path.Dir(dir); above != dir {
				real = j.real(dir)
			}
		}
		j.reals[dir] = real
	}
	return path.Join(real, path.Base(name))
}

// features says if one of FEATURES is set.
func (j *job) feature(name string) bool { return j.Features[name] }

// An instance is an installed package that goes, or loses files.
type instance struct {
	*ebuild.Package
	contents []vdb.Content
	files    map[string]vdb.Content // by real path
	entry    string                 // its folder, in the root
	acts     []Act                  // what becomes of its files, if somebody asks
}

func (j *job) instance(p *ebuild.Package) *instance {
	in := &instance{Package: p, files: make(map[string]vdb.Content)}
	contents, problems := j.db.Contents(p)
	for _, err := range problems {
		j.result.problem(err)
	}
	in.contents = vdb.WithParents(contents, j.root.EPrefix)
	for _, c := range in.contents {
		in.files[j.real(c.Path)] = c
	}
	in.entry = path.Join(j.log.Path("var/db/pkg"), strings.TrimPrefix(p.Path, j.dbDir))
	return in
}

// owns says if the package installed a path, which is real.
func (in *instance) owns(real string) bool {
	_, ok := in.files[real]
	return ok
}

// sameSlot lists the installed packages that a package replaces.
func (j *job) sameSlot(cpv atoms.CPV, slot string) ([]*instance, error) {
	list, err := j.db.Packages(cpv.CP)
	if err != nil {
		return nil, err
	}
	var out []*instance
	for _, p := range list {
		if p.Slot == slot || p.CPV == cpv {
			out = append(out, j.instance(p))
		}
	}
	return out, nil
}

// newest gives the instance with the highest COUNTER; nil of none.
func newest(list []*instance) *instance {
	if len(list) == 0 {
		return nil
	}
	return slices.MaxFunc(list, func(a, b *instance) int { return int(a.Counter() - b.Counter()) })
}

// call runs a script, if there is somebody to run it.
func (j *job) call(ctx context.Context, c Call) error {
	if j.Scripts == nil {
		return nil
	}
	err := j.txn.Script(fmt.Sprintf("%s %s", c.Phase, c.CPV), func() error { return j.Scripts(ctx, c) })
	clear(j.reals)
	return err
}

// host gives a path of a folder's file in the host's terms.
func (j *job) host(name string) (string, error) {
	dir, err := j.fs.Host(path.Dir(name))
	return path.Join(dir, path.Base(name)), err
}
