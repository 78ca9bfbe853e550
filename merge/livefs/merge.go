package livefs

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/merge/envupdate"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/vdb"
)

// Merge puts an image into a root in place of the installed versions of its slot. An
// error means that the root is as it was, but for what pkg_preinst did; errors after
// the point of no return are Problems of the result.
func Merge(ctx context.Context, root Root, image Image, e Entry, o Options) (*Result, error) {
	o.slots = slotLocks(root, o, append(slices.Clone(o.Blocked), e.CPV), e.Slot)
	j, err := open(ctx, root, o)
	if err != nil {
		return nil, fmt.Errorf("merge %s: %w", e.CPV, err)
	}
	defer j.close()
	if err := j.merge(ctx, image, e); err != nil {
		return j.result, fmt.Errorf("merge %s: %w", e.CPV, err)
	}
	return j.result, nil
}

func (j *job) merge(ctx context.Context, image Image, e Entry) error {
	olds, err := j.sameSlot(e.CPV, e.Slot)
	if err != nil {
		return err
	}
	for _, in := range olds {
		j.result.Replaced = append(j.result.Replaced, in.CPV)
	}
	j.noteUnfinished(e.CPV)
	if err := j.check(image, e, olds); err != nil {
		return err
	}
	counter, err := j.host(j.log.Path(vdb.CounterName))
	if err != nil {
		return err
	}
	if j.result.Counter, err = vdb.NextCounter(j.dbDir, counter); err != nil {
		return err
	}
	if j.txn, err = j.log.Begin("merge "+e.CPV.String(), e.CPV.String()); err != nil {
		return err
	}
	j.result.ID = j.txn.ID
	entry, err := j.prepare(ctx, image, e, olds)
	if err == nil {
		err = j.forward(ctx, e.CPV, olds)
	}
	if err != nil {
		return errors.Join(err, j.abort())
	}
	return j.finish(ctx, e.CPV, entry, olds)
}

// noteUnfinished tells of entries that Portage has left half-made of versions of this
// package. They are let be: it may be at work on them.
func (j *job) noteUnfinished(cpv atoms.CPV) {
	names, err := j.fs.Names(path.Join(j.log.Path("var/db/pkg"), cpv.CP.Category()))
	if err != nil {
		return // there is no such category
	}
	for _, n := range names {
		pf, ok := strings.CutPrefix(n, unfinished)
		if other, err := atoms.ParseCPV(cpv.CP.Category() + "/" + pf); ok && err == nil && other.CP == cpv.CP {
			j.result.note("Portage has left a merge of %s unfinished; its files may be owned by nobody: see emaint merges", other)
		}
	}
}

// unfinished begins the names of entries that Portage is making.
const unfinished = "-MERGING-"

// abort takes a transaction back after an error.
func (j *job) abort() error {
	if err := j.txn.Abort(); err != nil {
		return fmt.Errorf("%w (the next run will finish that)", err)
	}
	return nil
}

// check looks for what forbids a merge.
func (j *job) check(image Image, e Entry, olds []*instance) error {
	if err := j.checkHardLinks(olds); err != nil {
		return err
	}
	items, err := walkImage(image, j.InstallMask)
	if err != nil {
		return err
	}
	j.tellChecking(items)
	if err := j.writable(items); err != nil {
		return err
	}
	if err := j.clashes(items); err != nil {
		return err
	}
	preserved, err := j.preservedPaths()
	if err != nil {
		return err
	}
	blocked, err := j.blocked(olds)
	if err != nil {
		return err
	}
	return j.collisions(items, append(slices.Clone(olds), blocked...), preserved)
}

// blocked gives the installed packages that will go because the new one blocks them.
func (j *job) blocked(olds []*instance) (list []*instance, err error) {
	for _, cpv := range j.Blocked {
		found, err := j.db.Packages(cpv.CP)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			if p.CPV == cpv && !slices.ContainsFunc(olds, func(in *instance) bool { return in.CPV == cpv }) {
				list = append(list, j.instance(p))
			}
		}
	}
	return list, nil
}

// writable checks that no folder of the image is on a file system that cannot be
// written.
func (j *job) writable(items []*item) error {
	seen := make(map[string]bool)
	for _, i := range items {
		dir := path.Dir(j.real(i.path))
		for dir != "/" && !j.fs.IsDir(dir) {
			dir = path.Dir(dir)
		}
		if seen[dir] {
			continue
		}
		seen[dir] = true
		host, err := j.fs.Host(dir)
		if err != nil {
			return err
		}
		if err := unix.Access(host, unix.W_OK); errors.Is(err, unix.EROFS) {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	return nil
}

// prepare runs pkg_preinst, stages everything and makes the plan durable. It gives
// the place of the new entry.
func (j *job) prepare(ctx context.Context, image Image, e Entry, olds []*instance) (string, error) {
	j.tell(Act{Deed: Merging, CPV: e.CPV})
	if err := j.call(ctx, Call{Phase: Preinst, CPV: e.CPV, Replaced: j.result.Replaced}); err != nil {
		return "", err
	}
	items, err := walkImage(image, j.InstallMask)
	if err != nil {
		return "", err
	}
	if j.feature("sfperms") {
		for _, i := range items {
			i.owner.Mode = quietMode(i.owner.Mode)
		}
	}
	p := newPlacer(j, newest(olds))
	if err := p.image(ctx, items, image.Use); err != nil {
		return "", err
	}
	p.arrange(items, image)
	fresh := make(map[string]vdb.Content)
	for _, c := range vdb.WithParents(p.contents, j.root.EPrefix) {
		fresh[j.real(c.Path)] = c
	}
	keep, err := j.planPreserved(e, p.contents, fresh, olds)
	if err != nil {
		return "", err
	}
	contents := append(p.contents, keep.contents...)
	if image.Order == nil || len(keep.contents) > 0 {
		slices.SortStableFunc(contents, byPath)
	}
	if err := j.planOld(olds, fresh, keep.paths); err != nil {
		return "", err
	}
	if err := j.planBlocked(fresh, olds); err != nil {
		return "", err
	}
	if err := errors.Join(j.stageMemory(), j.stageWorld()); err != nil {
		return "", err
	}
	name, err := j.stageEntry(e, contents, p.owners, olds, image.Use)
	if err != nil {
		return "", err
	}
	j.result.Contents = contents
	for _, in := range olds {
		if in.entry != name {
			if err := j.planEntryGone(in); err != nil {
				return "", err
			}
		}
	}
	j.acts = p.acts
	return name, j.txn.Seal()
}

// quietMode is what FEATURES=sfperms makes of a mode: what runs with its owner's
// rights cannot be read by others.
func quietMode(mode uint32) uint32 {
	if mode&unix.S_IFMT != unix.S_IFREG {
		return mode
	}
	if mode&unix.S_ISUID != 0 {
		mode &^= 0o044
	}
	if mode&unix.S_ISGID != 0 {
		mode &^= 0o004
	}
	return mode
}

// planOld plans which files of the replaced versions go.
func (j *job) planOld(olds []*instance, fresh map[string]vdb.Content, keep map[string]bool) error {
	r := newRemover(j, fresh, keep)
	for n, in := range olds {
		if err := r.remove(in, olds[n+1:]); err != nil {
			return fmt.Errorf("plan the removal of %s: %w", in.CPV, err)
		}
	}
	return nil
}

// planBlocked plans that blocked packages lose the files that are the new one's now.
func (j *job) planBlocked(fresh map[string]vdb.Content, olds []*instance) error {
	blocked, err := j.blocked(olds)
	if err != nil {
		return err
	}
	for _, in := range blocked {
		err := j.stageContents(in, func(real string) bool { _, ok := fresh[real]; return ok })
		if err != nil {
			return err
		}
	}
	return nil
}

// planEntryGone plans that an entry goes.
func (j *job) planEntryGone(in *instance) error {
	saved, err := j.txn.Saved(path.Dir(in.entry))
	if err != nil {
		return err
	}
	j.txn.Add(journal.Step{Op: journal.OpRemove, Part: journal.PartCleanup, Path: in.entry, Old: saved})
	return nil
}

// forward makes the steps up to the commit, pkg_prerm of the old versions among
// them.
func (j *job) forward(ctx context.Context, by atoms.CPV, olds []*instance) error {
	if err := j.txn.Run(journal.PartFiles); err != nil {
		return err
	}
	j.tell(j.acts...)
	for _, in := range olds {
		if !by.IsZero() {
			j.tell(Act{Deed: Replacing, CPV: in.CPV})
		}
		call, err := j.oldCall(Prerm, in, by, in.entry)
		if err != nil {
			return err
		}
		j.result.problem(j.call(ctx, call))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := j.txn.Run(journal.PartEntry); err != nil {
		return err
	}
	if err := j.txn.Commit(); err != nil {
		return err
	}
	for _, dir := range j.stamps {
		j.result.problem(vdb.Stamp(dir))
	}
	return nil
}

func (j *job) oldCall(phase Phase, in *instance, by atoms.CPV, entry string) (Call, error) {
	host, err := j.host(entry)
	return Call{Phase: phase, CPV: in.CPV, Entry: host, By: by}, err
}

// finish does what comes after the commit. What fails now is a problem of the result.
func (j *job) finish(ctx context.Context, cpv atoms.CPV, entry string, olds []*instance) error {
	j.touch(entry)
	host, err := j.host(entry)
	if err != nil {
		return err
	}
	j.result.problem(vdb.Stamp(host))
	j.late(journal.PartOld)
	for _, in := range olds {
		j.tell(in.acts...)
		place := in.entry
		if place == entry { // exchanged
			place = j.txn.Swapped(entry)
		}
		call, err := j.oldCall(Postrm, in, cpv, place)
		j.result.problem(err)
		j.result.problem(j.call(ctx, call))
		j.tell(Act{Deed: Replaced, CPV: in.CPV})
	}
	j.late(journal.PartCleanup)
	j.result.problem(j.call(ctx, Call{Phase: Postinst, CPV: cpv, Entry: host, Replaced: j.result.Replaced}))
	j.result.problem(j.envUpdate(ctx, j.result.Contents))
	j.touch(entry)
	return j.end()
}

// late makes the steps of a part after the commit. If one fails the transaction is left
// open, and the next run tries again.
func (j *job) late(part journal.Part) {
	if err := j.txn.Run(part); err != nil {
		j.left = true
		j.result.problem(fmt.Errorf("%w (the next run will try again)", err))
	}
}

// end ends the transaction and drops what need not be kept.
func (j *job) end() error {
	if j.left {
		return j.txn.Leave()
	}
	if err := j.txn.Finish(); err != nil {
		return err
	}
	j.result.problem(j.log.Prune(j.KeepUndo))
	j.result.problem(j.stateFiles())
	return nil
}

// touch sets the times of the category of an entry, and of the database: others look
// at them to notice a change.
func (j *job) touch(entry string) {
	for _, dir := range []string{path.Dir(entry), path.Dir(path.Dir(entry))} {
		if st, err := j.stat(dir); err == nil && st != nil {
			j.result.problem(j.fs.Touch(dir))
		}
	}
}

// envUpdate runs env-update after a change of some files. A package without any
// needs none.
func (j *job) envUpdate(ctx context.Context, contents []vdb.Content) error {
	if j.Env == nil || len(contents) == 0 {
		return nil
	}
	o := *j.Env
	o.EPrefix, o.Now = j.root.EPrefix, j.Now
	for _, c := range contents {
		if c.Kind == vdb.KindFile || c.Kind == vdb.KindSymlink {
			o.Changed = append(o.Changed, c.Path)
		}
	}
	r, err := envupdate.Update(ctx, j.fs, o)
	if r != nil {
		j.result.Notes = append(j.result.Notes, r.Notes...)
	}
	return err
}
