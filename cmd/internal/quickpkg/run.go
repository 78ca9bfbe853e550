package quickpkg

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/quickpkg"
	"github.com/tumpline/tumpline/profiles/sets"
)

// A run packs what all arguments mean.
type run struct {
	*options
	env  *cli.Env
	root *session.Root
	out  *printer
	make quickpkg.Options

	made     []made
	missing  []string
	excluded int
}

// made is a package that was made.
type made struct {
	cpv  atoms.CPV
	size int64
}

// word packs what one argument means. An error ends the run.
func (r *run) word(ctx context.Context, word string) error {
	if name, ok := strings.CutPrefix(word, "@"); ok {
		list, err := r.root.Sets.Flatten(name)
		var unknown *sets.NotFoundError
		if errors.As(err, &unknown) {
			r.lack(word, fmt.Sprintf("Package set not found: '%s'; skipping", word))
			return nil
		}
		if err != nil {
			r.lack(word, fmt.Sprintf("%s: %v; skipping", word, err))
			return nil
		}
		for _, a := range list {
			if err := r.atom(ctx, a, a.String()); err != nil {
				return err
			}
		}
		return nil
	}
	a, err := r.parse(word)
	if err != nil {
		r.lack(word, strings.ToUpper(err.Error()[:1])+err.Error()[1:])
		return nil
	}
	return r.atom(ctx, a, word)
}

// lack tells that an argument means nothing.
func (r *run) lack(word, why string) {
	r.out.error(why)
	r.missing = append(r.missing, word)
}

// parse reads an atom, or a name without its category.
func (r *run) parse(word string) (*atoms.Atom, error) {
	invalid := fmt.Errorf("invalid atom: %s", word)
	if strings.Contains(word, "/") {
		a, err := atoms.ParseAtom(word, atoms.AtomOptions{AllowWildcard: true, AllowRepo: true})
		if err != nil {
			return nil, invalid
		}
		return a, nil
	}
	i := strings.IndexFunc(word, func(c rune) bool { return !strings.ContainsRune("<>=~!", c) })
	if i < 0 {
		return nil, invalid
	}
	null, err := atoms.ParseAtom(word[:i]+"null/"+word[i:], atoms.AtomOptions{AllowRepo: true})
	if err != nil {
		return nil, invalid
	}
	all, err := r.root.Installed.CPs()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, cp := range all {
		if cp.Name() == null.CP.Name() {
			found = append(found, string(cp))
		}
	}
	switch len(found) {
	case 0:
		return null, nil
	case 1:
		category, _, _ := strings.Cut(found[0], "/")
		return atoms.ParseAtom(word[:i]+category+"/"+word[i:], atoms.AtomOptions{AllowRepo: true})
	}
	return nil, fmt.Errorf("please use a more specific atom: %s", strings.Join(found, " "))
}

// atom packs the installed packages that an atom matches.
func (r *run) atom(ctx context.Context, a *atoms.Atom, word string) error {
	cps := []atoms.CP{a.CP}
	if a.Wildcard {
		var err error
		if cps, err = r.root.Installed.CPs(); err != nil {
			return err
		}
	}
	found := false
	for _, cp := range cps {
		list, err := r.root.Installed.Packages(cp)
		if err != nil {
			return err
		}
		for _, p := range list {
			if !a.Match(p.Candidate(r.root.Use.State(p))) {
				continue
			}
			found = true
			if err := r.pack(ctx, p); err != nil {
				return err
			}
		}
	}
	if !found {
		r.lack(word, fmt.Sprintf("Could not find anything to match '%s'; skipping", word))
	}
	return nil
}

// pack packs one package. What is wrong with it is told and hides no other.
func (r *run) pack(ctx context.Context, p *ebuild.Package) error {
	r.warnOfBindist(p)
	r.out.begin("Building package for " + p.CPV.String())
	done, err := quickpkg.Make(ctx, p, &r.make)
	r.out.end(err == nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.out.error(fmt.Sprintf("Failed to create package: '%s': %v", p.CPV, err))
		return nil
	}
	for _, problem := range done.Problems {
		r.out.warn(problem.Error())
	}
	for _, path := range done.Missing {
		r.out.warn(fmt.Sprintf("Missing file from local system: %q", path))
	}
	for _, path := range done.Excluded {
		r.out.warn(fmt.Sprintf("Excluded config: '%s'", filepath.Join(r.root.Path, path)))
	}
	r.excluded += len(done.Excluded)
	r.made = append(r.made, made{p.CPV, done.Size})
	return nil
}

// warnOfBindist tells of packages that may not be passed on.
func (r *run) warnOfBindist(p *ebuild.Package) {
	reason := ""
	declared := slices.ContainsFunc(p.IUSE, func(f ebuild.IUSEFlag) bool { return f.Name == "bindist" })
	if declared && !slices.Contains(p.USE, "bindist") {
		reason = "package was emerged with USE=-bindist!"
	} else if restrict, err := p.Restrict(); err == nil && slices.Contains(restrict.Leaves(func(flag string) bool { return slices.Contains(p.USE, flag) }), "bindist") {
		reason = "package has RESTRICT=bindist!"
	}
	if reason != "" {
		r.out.warn(fmt.Sprintf("%s: %s", p.CPV, reason))
		r.out.warn(fmt.Sprintf("%s: it might not be legal to redistribute this.", p.CPV))
	}
}

// summary tells what was made; the error is the exit status.
func (r *run) summary() error {
	if len(r.made) == 0 {
		r.out.error("No packages found")
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	r.out.line("")
	r.out.info(fmt.Sprintf("Packages now in '%s':", r.make.Write.Dir.Path))
	for _, m := range r.made {
		r.out.info(fmt.Sprintf("%s: %s", m.cpv, size(m.size)))
	}
	if r.excluded > 0 {
		r.out.line("")
		r.out.warn(fmt.Sprintf("Excluded config files: %d", r.excluded))
		r.out.warn("See --help if you would like to include config files.")
	}
	if len(r.missing) > 0 {
		r.out.line("")
		r.out.warn("The following packages could not be found:")
		r.out.warn(strings.Join(r.missing, " "))
		return &cli.FailedError{Status: 2}
	}
	return nil
}

// size writes a number of bytes as du -h would.
func size(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"K", "M", "G", "T", "P", "E"} {
		if value /= 1024; value < 1024 {
			break
		}
	}
	text := strconv.FormatFloat(value, 'f', 1, 64)
	if len(text) > 4 {
		text = strconv.Itoa(int(value))
	}
	return text + unit
}
