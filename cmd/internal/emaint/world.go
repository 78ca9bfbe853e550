package emaint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/sets"
)

// worldFaults is what is wrong with entries of the world files.
type worldFaults struct {
	masked, missing, absent []string // the lines that tell
	bad                     map[string]bool
}

// judgeWorld looks at each entry of a world list.
func (r *run) judgeWorld(list sets.WorldList) (*worldFaults, error) {
	f := &worldFaults{bad: map[string]bool{}}
	type entry struct {
		text string
		atom *atoms.Atom
	}
	var entries []entry
	for _, a := range list.Atoms {
		entries = append(entries, entry{a.String(), a})
	}
	for _, s := range list.Sets {
		entries = append(entries, entry{sets.Prefix + s, nil})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.text, b.text) })
	known := r.root.Sets.Names()
	written := r.installedAsWritten() // the world file has names as they are written, too
	for _, e := range entries {
		if e.atom == nil {
			if !slices.Contains(known, strings.TrimPrefix(e.text, sets.Prefix)) {
				f.absent = append(f.absent, fmt.Sprintf("'%s' is not installed", e.text))
				f.bad[e.text] = true
			}
			continue
		}
		if err := r.judgeAtom(f, written, e.atom); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// judgeAtom looks at one atom.
func (r *run) judgeAtom(f *worldFaults, written ebuild.Source, a *atoms.Atom) error {
	text := a.String()
	ebuilds, err := matching(r.session.Repos, a)
	if err != nil {
		return err
	}
	installed, err := matching(written, a)
	if err != nil {
		return err
	}
	visible := slices.ContainsFunc(ebuilds, func(p *ebuild.Package) bool { return r.root.Judge.Verdict(p).Visible() })
	switch {
	case len(ebuilds) == 0:
		f.missing = append(f.missing, fmt.Sprintf("'%s' has no available ebuilds", text))
	case len(installed) == 0:
		f.absent = append(f.absent, fmt.Sprintf("'%s' is not installed", text))
	case !visible:
		f.masked = append(f.masked, fmt.Sprintf("'%s' has no visible ebuilds [%s]", text, strings.Join(r.reasons(ebuilds), ", ")))
	default:
		return nil
	}
	f.bad[text] = true
	return nil
}

// reasons lists what masks some packages, live ones left aside.
func (r *run) reasons(list []*ebuild.Package) (out []string) {
	for _, p := range list {
		if slices.Contains(strings.Fields(p.Raw("PROPERTIES")), "live") {
			continue
		}
		out = append(out, r.root.Judge.Verdict(p).Texts()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// matching lists the packages of a source that an atom matches, whatever their flags.
func matching(from ebuild.Source, a *atoms.Atom) (out []*ebuild.Package, err error) {
	list, err := from.Packages(a.CP)
	for _, p := range list {
		if a.Match(p.Candidate(nil)) {
			out = append(out, p)
		}
	}
	return out, err
}

// checkWorld tells what is wrong with the world files.
func checkWorld(_ context.Context, r *run) (bool, []string, error) {
	list, problems := sets.ReadWorld(r.eroot())
	r.warn(problems...)
	f, err := r.judgeWorld(list)
	if err != nil {
		return false, nil, err
	}
	messages := slices.Concat(f.masked, f.missing, f.absent)
	if file := filepath.Join(r.eroot(), sets.WorldFile); unix.Access(file, unix.R_OK) != nil {
		messages = []string{file + " could not be opened for reading"}
	}
	return len(messages) == 0, messages, nil
}

// fixWorld drops entries with which something is wrong.
func fixWorld(ctx context.Context, r *run) (ok bool, messages []string, err error) {
	lock, err := sets.LockWorld(ctx, r.eroot())
	if err != nil {
		return false, nil, err
	}
	defer lock.Remove()
	list, _ := sets.ReadWorld(r.eroot()) // what is not valid is dropped with the rest
	f, err := r.judgeWorld(list)
	if err != nil || len(f.bad) == 0 {
		return true, nil, err
	}
	kept := list.Without(func(a *atoms.Atom) bool { return f.bad[a.String()] }, func(s string) bool { return f.bad[sets.Prefix+s] })
	if err := kept.Write(r.eroot()); err != nil {
		if os.IsPermission(err) {
			return false, []string{filepath.Join(r.eroot(), sets.WorldFile) + " could not be opened for writing"}, nil
		}
		return false, nil, err
	}
	return true, nil, nil
}
