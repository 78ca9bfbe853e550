package livefs

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/inroot"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/vdb"
)

// ErrNotInstalled says that a package which shall go is not there.
var ErrNotInstalled = errors.New("not installed")

// Unmerge removes an installed package. An error means that the root is as it was,
// but for what pkg_prerm did.
func Unmerge(ctx context.Context, root Root, cpv atoms.CPV, o Options) (*Result, error) {
	o.slots = slotLocks(root, o, []atoms.CPV{cpv}, "")
	j, err := open(ctx, root, o)
	if err != nil {
		return nil, fmt.Errorf("unmerge %s: %w", cpv, err)
	}
	defer j.close()
	if err := j.unmerge(ctx, cpv); err != nil {
		return j.result, fmt.Errorf("unmerge %s: %w", cpv, err)
	}
	return j.result, nil
}

func (j *job) unmerge(ctx context.Context, cpv atoms.CPV) error {
	in, others, err := j.find(cpv)
	if err != nil {
		return err
	}
	if err := j.checkHardLinks([]*instance{in}); err != nil {
		return err
	}
	if j.txn, err = j.log.Begin("unmerge "+cpv.String(), cpv.String()); err != nil {
		return err
	}
	j.result.ID = j.txn.ID
	err = j.planUnmerge(in, others)
	if err == nil {
		err = j.forward(ctx, atoms.CPV{}, []*instance{in})
	}
	if err != nil {
		return errors.Join(err, j.abort())
	}
	j.late(journal.PartOld)
	j.tell(in.acts...)
	call, err := j.oldCall(Postrm, in, atoms.CPV{}, in.entry)
	j.result.problem(err)
	j.result.problem(j.call(ctx, call))
	j.late(journal.PartCleanup)
	j.touch(in.entry)
	j.result.problem(j.envUpdate(ctx, in.contents))
	return j.end()
}

// find gives an installed package, and the others of its slot.
func (j *job) find(cpv atoms.CPV) (*instance, []*instance, error) {
	list, err := j.db.Packages(cpv.CP)
	if err != nil {
		return nil, nil, err
	}
	at := slices.IndexFunc(list, func(p *ebuild.Package) bool { return p.CPV == cpv })
	if at < 0 {
		return nil, nil, ErrNotInstalled
	}
	var others []*instance
	for _, p := range list {
		if p != list[at] && p.Slot == list[at].Slot {
			others = append(others, j.instance(p))
		}
	}
	return j.instance(list[at]), others, nil
}

func (j *job) planUnmerge(in *instance, others []*instance) error {
	keep, err := j.planKept(in)
	if err != nil {
		return err
	}
	r := newRemover(j, nil, keep)
	if err := r.remove(in, others); err != nil {
		return err
	}
	if err := errors.Join(j.stageMemory(), j.stageWorld()); err != nil {
		return err
	}
	if err := j.planEntryGone(in); err != nil {
		return err
	}
	category := path.Dir(in.entry)
	st, err := j.stat(category)
	if err != nil {
		return err
	}
	if st != nil {
		if err := j.planRmdir(journal.PartCleanup, category, st); err != nil {
			return err
		}
	}
	return j.txn.Seal()
}

// Recover finishes or takes back what a crash left in a root, and tells what it did.
// Scripts that a crash cut off after the point of no return are run again if the
// options have somebody to run them. Every other function does this first.
func Recover(ctx context.Context, root Root, o Options) ([]journal.Recovery, error) {
	j, err := open(ctx, root, o)
	if err != nil {
		return nil, fmt.Errorf("recover %s: %w", root.Dir, err)
	}
	defer j.close()
	return j.result.Recovered, nil
}

// resume gives what is to be done for a transaction whose steps were finished: the
// script pkg_postinst, unless it has run.
func (j *job) resume(ctx context.Context) func(*journal.Txn) error {
	return func(t *journal.Txn) error {
		e := t.Entry()
		if len(e.Facts) == 0 || j.Scripts == nil || e.Title != "merge "+e.Facts[0] {
			return nil
		}
		cpv, err := atoms.ParseCPV(e.Facts[0])
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s %s", Postinst, cpv)
		if slices.ContainsFunc(e.Scripts, func(s journal.Script) bool { return s.Name == name && s.Ended }) {
			return nil
		}
		host, err := j.host(path.Join(j.log.Path("var/db/pkg"), cpv.CP.Category(), cpv.PF()))
		if err != nil {
			return err
		}
		return t.Script(name, func() error { return j.Scripts(ctx, Call{Phase: Postinst, CPV: cpv, Entry: host}) })
	}
}

// History lists the transactions of a root, oldest first.
func History(root Root) ([]*journal.Entry, error) {
	f, err := inroot.Open(root.Dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return journal.History(f, root.EPrefix)
}

// Undo takes back the last transaction of a root: id is its number or 0. It runs no
// scripts. Files that were changed since are an error (*journal.ChangedError) unless
// forced.
func Undo(ctx context.Context, root Root, id int, force journal.Force, o Options) (*journal.Entry, error) {
	j, err := open(ctx, root, o)
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	defer j.close()
	e, err := j.log.Undo(id, force)
	if err != nil {
		return nil, err
	}
	j.result.problem(j.fs.Touch(j.log.Path("var/db/pkg")))
	if err := j.envUpdate(ctx, []vdb.Content{{Kind: vdb.KindFile, Path: "/"}}); err != nil {
		return e, err
	}
	return e, errors.Join(j.result.Problems...)
}
