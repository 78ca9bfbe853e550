package livefs

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles/fnmatch"
)

// A remover plans which files of instances go. It works on what the root will be:
// files that go are gone for it, files that come are there.
type remover struct {
	*job
	in        *instance
	others    []*instance // of the slot: what they own stays
	fresh     map[string]vdb.Content
	keep      map[string]bool // preserved libraries
	gone      map[string]bool // real paths
	added     map[string]bool // folders that get a new file
	info      map[string]bool // real paths of info folders
	dirs      []string
	names     map[string]string   // of folders, as they were recorded
	protected map[string][]string // links kept, by the real path of their folder
	revisit   map[string]bool
	buffer    []byte
}

// newRemover plans a removal. fresh is what the new version installs, by real path;
// it may be nil. keep are files to be left.
func newRemover(j *job, fresh map[string]vdb.Content, keep map[string]bool) *remover {
	r := &remover{job: j, fresh: fresh, keep: keep, gone: make(map[string]bool), added: make(map[string]bool), info: make(map[string]bool), buffer: make([]byte, 256<<10)}
	for real := range fresh {
		r.added[path.Dir(real)] = true
	}
	for _, dir := range j.InfoDirs {
		if real, err := j.fs.Real(dir); dir != "" && err == nil {
			r.info[real] = true
		}
	}
	return r
}

// ownedByOthers says if a file stays since another instance has it.
func (r *remover) ownedByOthers(real string) bool {
	if _, ok := r.fresh[real]; ok {
		return true
	}
	return slices.ContainsFunc(r.others, func(in *instance) bool { return in.owns(real) })
}

// remove plans the removal of the files of one instance.
func (r *remover) remove(in *instance, others []*instance) error {
	r.in, r.others, r.dirs, r.names = in, others, nil, make(map[string]string)
	r.protected, r.revisit = make(map[string][]string), make(map[string]bool)
	contents := slices.Clone(in.contents)
	slices.SortFunc(contents, func(a, b vdb.Content) int { return strings.Compare(b.Path, a.Path) })
	for _, c := range contents {
		if err := r.file(c); err != nil {
			return err
		}
	}
	slices.Sort(r.dirs)
	if err := r.folders(r.dirs); err != nil {
		return err
	}
	return r.links()
}

func (r *remover) kept(name, why string) {
	r.result.Kept = append(r.result.Kept, Kept{name, why})
}

// file plans what becomes of one recorded path.
func (r *remover) file(c vdb.Content) error {
	real := r.real(c.Path)
	st, err := r.stat(real)
	if err != nil {
		return err
	}
	switch {
	case !inside(c.Path, r.root.EPrefix):
		r.drop(Left, "!prefix", c.Kind, c.Path)
		return nil
	case st == nil || r.gone[real]:
		r.drop(Left, "!found", c.Kind, c.Path)
		return nil
	case r.keep[real]:
		return nil
	}
	link := kindOf(st) == unix.S_IFLNK
	name := strings.TrimPrefix(c.Path, r.root.EPrefix)
	if slices.ContainsFunc(r.UninstallIgnore, func(p string) bool { return fnmatch.Match(p, name) }) ||
		link && (name == "/lib" || name == "/usr/lib" || name == "/usr/local/lib") {
		r.leave(c, "cfgpro", "ignored")
		return nil
	}
	toDir := link && r.fs.IsDir(real)
	if r.ownedByOthers(real) {
		if toDir && (c.Kind == vdb.KindSymlink || c.Kind == vdb.KindDir) {
			r.orphan(real)
		}
		r.drop(Left, "replaced", c.Kind, c.Path)
		return nil
	}
	if _, ok := r.memory[c.Path]; ok {
		delete(r.memory, c.Path)
		r.remind = true
	}
	if r.feature("unmerge-orphans") && kindOf(st) != unix.S_IFDIR && !toDir && !r.protect.Protected(real) {
		return r.take(c.Kind, c.Path, real, st)
	}
	return r.recorded(c, real, st, toDir)
}

// inside says if a path is below EPREFIX.
func inside(name, eprefix string) bool {
	return eprefix == "" || strings.HasPrefix(name, eprefix+"/")
}

// orphan notes a link to a folder that another instance has as a folder.
func (r *remover) orphan(real string) {
	for _, in := range r.others {
		if in.files[real].Kind == vdb.KindDir {
			r.guard(real)
			return
		}
	}
	if c, ok := r.fresh[real]; ok && c.Kind == vdb.KindDir {
		r.guard(real)
	}
}

// guard keeps a link to a folder until it is known whether the folder goes.
func (r *remover) guard(real string) {
	if dir, err := r.fs.Real(real); err == nil {
		r.protected[dir] = append(r.protected[dir], real)
	}
}

// recorded takes a file only if it is what was recorded.
func (r *remover) recorded(c vdb.Content, real string, st *unix.Stat_t, toDir bool) error {
	if r.special(c, st) {
		return nil
	}
	if c.Kind != vdb.KindDir && seconds(st.Mtim.Nano()) != c.MTime {
		r.leave(c, "!mtime", "modified")
		return nil
	}
	link := kindOf(st) == unix.S_IFLNK
	switch {
	case c.Kind == vdb.KindDir && !link:
		if kindOf(st) != unix.S_IFDIR {
			r.drop(Left, "!dir", c.Kind, c.Path)
			return nil
		}
		r.dirs, r.names[real] = append(r.dirs, real), c.Path
		return nil
	case c.Kind == vdb.KindFile:
		return r.recordedFile(c, real, st)
	case !link:
		r.leave(c, "!sym", "no link any more")
		return nil
	}
	if toDir && !r.onlyMine(real) {
		r.guard(real)
		r.drop(Left, "!empty", c.Kind, c.Path)
		return nil
	}
	return r.take(c.Kind, c.Path, real, st)
}

func (r *remover) recordedFile(c vdb.Content, real string, st *unix.Stat_t) error {
	if kindOf(st) != unix.S_IFREG {
		r.leave(c, "!obj", "no file any more")
		return nil
	}
	host, err := r.host(real)
	if err != nil {
		return err
	}
	sum, err := digest(host, r.buffer)
	if err != nil {
		return err
	}
	if sum != c.MD5 {
		r.leave(c, "!md5", "modified")
		return nil
	}
	return r.take(c.Kind, c.Path, real, st)
}

// onlyMine says if what is left in the folder of a link is regular files of the
// instance.
func (r *remover) onlyMine(real string) bool {
	dir, err := r.fs.Real(real)
	if err != nil {
		return true
	}
	names, err := r.fs.Names(dir)
	if err != nil {
		return true
	}
	for _, n := range names {
		child := path.Join(dir, n)
		if r.gone[child] {
			continue
		}
		st, err := r.stat(child)
		if err != nil || st == nil {
			continue
		}
		if !r.in.owns(child) || kindOf(st) != unix.S_IFREG {
			return false
		}
	}
	return !r.added[dir]
}

// take plans that a file goes, which is told by its recorded name.
func (r *remover) take(kind vdb.Kind, name, real string, st *unix.Stat_t) error {
	r.gone[real] = true
	r.drop(Changed, "", kind, name)
	return r.planGone(real, st)
}

// planGone plans that a file goes.
func (j *job) planGone(real string, st *unix.Stat_t) error {
	saved, err := j.txn.Saved(path.Dir(real))
	if err != nil {
		return err
	}
	j.txn.Add(journal.Step{Op: journal.OpRemove, Part: journal.PartOld, Path: real, Old: saved, Mode: grantingMode(st)})
	j.result.Removed = append(j.result.Removed, real)
	return nil
}

// grantingMode is the mode of a file of several names that runs with the rights of its
// owner; 0 for others.
func grantingMode(st *unix.Stat_t) uint32 {
	if kindOf(st) == unix.S_IFREG && st.Nlink > 1 && st.Mode&(unix.S_ISUID|unix.S_ISGID) != 0 {
		return st.Mode & 0o7777
	}
	return 0
}

// empty says if a folder will be empty.
func (r *remover) empty(dir string) bool {
	names, err := r.fs.Names(dir)
	if err != nil || r.added[dir] {
		return false
	}
	return !slices.ContainsFunc(names, func(n string) bool { return !r.gone[path.Join(dir, n)] })
}

// folders plans that empty folders go, deepest first. dirs is sorted.
func (r *remover) folders(dirs []string) error {
	stack := slices.Clone(dirs)
	for len(stack) > 0 {
		dir := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if r.gone[dir] {
			continue
		}
		if err := r.infoDir(dir); err != nil {
			return err
		}
		if !r.empty(dir) {
			r.revisit[dir] = true
			r.drop(Left, "!empty", vdb.KindDir, r.recordedAs(dir))
			continue
		}
		if err := r.takeDir(dir); err != nil {
			return err
		}
		more, err := r.release(dir)
		if err != nil {
			return err
		}
		stack = append(stack, more...)
	}
	return nil
}

func (r *remover) takeDir(dir string) error {
	st, err := r.stat(dir)
	if err != nil || st == nil {
		return err
	}
	if err := r.planRmdir(journal.PartOld, dir, st); err != nil {
		return err
	}
	r.gone[dir] = true
	r.drop(Changed, "", vdb.KindDir, r.recordedAs(dir))
	r.result.Removed = append(r.result.Removed, dir)
	return nil
}

// planRmdir plans that a folder goes if it is empty.
func (j *job) planRmdir(part journal.Part, dir string, st *unix.Stat_t) error {
	saved, err := j.txn.Saved(path.Dir(dir))
	if err != nil {
		return err
	}
	j.txn.Add(journal.Step{Op: journal.OpRmdir, Part: part, Path: dir, Old: saved, Mode: st.Mode & 0o7777,
		UID: int(st.Uid), GID: int(st.Gid), OldNS: st.Mtim.Nano()})
	return nil
}

// release takes the links to a folder that goes, and tells which folders above them
// are to be looked at again.
func (r *remover) release(dir string) (again []string, err error) {
	links := r.protected[dir]
	delete(r.protected, dir)
	for _, link := range links {
		st, err := r.stat(link)
		if err != nil || st == nil || r.ownedByOthers(link) {
			return again, err
		}
		if err := r.take(vdb.KindSymlink, link, link, st); err != nil {
			return again, err
		}
		for up := path.Dir(link); up != "/" && r.revisit[up]; up = path.Dir(up) {
			delete(r.revisit, up)
			again = append(again, up)
		}
	}
	slices.Sort(again)
	return again, nil
}

// infoDir takes the index files of an info folder that holds nothing else.
func (r *remover) infoDir(dir string) error {
	if !r.info[dir] && path.Base(dir) != "info" || r.added[dir] {
		return nil
	}
	names, err := r.fs.Names(dir)
	if err != nil {
		return nil // it will not be removed then
	}
	var index []string
	for _, n := range names {
		switch child := path.Join(dir, n); {
		case r.gone[child]:
		case n == "dir" || n == "dir.old":
			index = append(index, child)
		default:
			return nil
		}
	}
	for _, child := range index {
		st, err := r.stat(child)
		if err != nil {
			return err
		}
		if st != nil && kindOf(st) == unix.S_IFREG {
			if err := r.take(vdb.KindFile, child, child, st); err != nil {
				return err
			}
		}
	}
	return nil
}

// links decides about the links to folders that were kept: they go if no installed
// package has anything through them.
func (r *remover) links() error {
	var list []string
	for _, links := range r.protected {
		list = append(list, links...)
	}
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	list = slices.Compact(list)
	owned, err := r.anyOwner(list)
	if err != nil {
		return err
	}
	if owned {
		r.result.note("links to folders stay, since files are reached through them: %s", fileList(list))
		for _, name := range list {
			r.kept(name, "leads to files of others")
		}
		return nil
	}
	var above []string
	for _, link := range list {
		st, err := r.stat(link)
		if err != nil {
			return err
		}
		if st == nil {
			continue
		}
		if err := r.take(vdb.KindSymlink, link, link, st); err != nil {
			return err
		}
		for up := path.Dir(link); up != "/" && len(up) > len(r.root.EPrefix); up = path.Dir(up) {
			above = append(above, up)
		}
	}
	slices.Sort(above)
	r.protected = make(map[string][]string)
	return r.folders(slices.Compact(above))
}

// anyOwner says if an installed package other than the instance, or the new version,
// owns one of some links.
func (r *remover) anyOwner(list []string) (bool, error) {
	if slices.ContainsFunc(list, r.ownedByOthers) {
		return true, nil
	}
	owners, err := r.db.Owners(r.root.Dir, list)
	if err != nil {
		return false, err
	}
	for _, packages := range owners {
		for _, p := range packages {
			if p.CPV != r.in.CPV {
				return true, nil
			}
		}
	}
	return false, nil
}
