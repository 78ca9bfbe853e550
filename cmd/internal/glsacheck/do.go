package glsacheck

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/ebuild/glsa"
)

// do does what the mode says.
func (r *run) do(ctx context.Context) error {
	ids, err := r.wanted()
	if err != nil {
		return err
	}
	if r.json {
		return r.document(ids)
	}
	switch r.mode {
	case "list":
		return r.list(ids)
	case "test":
		return r.test(ids)
	}
	late := ""
	defer func() { r.print(late) }()
	for _, id := range ids {
		a := r.read(id)
		if a == nil {
			continue
		}
		switch r.mode {
		case "dump":
			err = r.dump(a)
		case "pretend":
			err = r.pretend(a)
		case "fix":
			err = r.fix(ctx, a)
		case "inject":
			err = r.inject(a)
		}
		if err != nil {
			return err
		}
		switch {
		case r.words.Has("--quiet"):
		case r.mode == "dump" && !r.env.OutTerminal:
			late += "\n" // glsa-check's empty lines come after all texts, if these go to a file
		default:
			r.print("\n")
		}
	}
	return nil
}

// print writes text to the output; an error of writing comes when it is flushed.
func (r *run) print(text string) { _, _ = fmt.Fprint(r.env.Out, text) }

func (r *run) dump(a *advisory) error {
	text, err := dump(a)
	if err != nil {
		r.complain(a.id, err)
		return nil
	}
	r.print(text)
	return nil
}

// test lists the advisories that the system is affected by.
func (r *run) test(ids []string) error {
	var affected []string
	for _, id := range ids {
		a := r.read(id)
		if a == nil {
			continue
		}
		vulnerable, err := r.system.Vulnerable(a.Advisory)
		if err != nil {
			return err
		}
		if vulnerable {
			affected = append(affected, id)
		}
	}
	if len(affected) == 0 {
		_, err := fmt.Fprint(r.env.Err, "This system is not affected by any of the listed GLSAs\n")
		return err
	}
	_, _ = fmt.Fprint(r.env.Err, "This system is affected by the following GLSAs:\n")
	if r.words.Has("--verbose") {
		return r.list(affected)
	}
	r.print(strings.Join(affected, "\n") + "\n")
	return &cli.FailedError{Status: statusAffected}
}

// A status is what an advisory means for the system.
type status uint8

const (
	unaffected status = iota
	affectedBy
	dealtWith
)

// String returns the status as documents name it.
func (s status) String() string { return [...]string{"unaffected", "affected", "applied"}[s] }

// mark is the status as lists show it.
func (s status) mark() string { return [...]string{"[U]", "[N]", "[A]"}[s] }

func (r *run) status(a *advisory) (status, error) {
	if r.applied[a.id] {
		return dealtWith, nil
	}
	vulnerable, err := r.system.Vulnerable(a.Advisory)
	if vulnerable {
		return affectedBy, err
	}
	return unaffected, err
}

// list lists advisories, sorted, one on a line.
func (r *run) list(ids []string) error {
	if !r.words.Has("--quiet") {
		_, _ = fmt.Fprintf(r.env.Err, "%s means this GLSA was marked as applied (injected),\n%s means the system is not affected and\n%s indicates that the system might be affected.\n\n",
			r.paint.white("[A]"), r.paint.green("[U]"), r.paint.red("[N]"))
	}
	ids = slices.Sorted(slices.Values(ids))
	if r.words.Has("--reverse") {
		slices.Reverse(ids)
	}
	for _, id := range ids {
		a := r.read(id)
		if a == nil {
			continue
		}
		if err := r.line(a); err != nil {
			return err
		}
	}
	return nil
}

// line writes the line of one advisory.
func (r *run) line(a *advisory) error {
	s, err := r.status(a)
	if err != nil {
		return err
	}
	colour := map[status]func(string) string{unaffected: r.paint.green, affectedBy: r.paint.red, dealtWith: r.paint.white}[s]
	access := ""
	if r.words.Has("--verbose") {
		access = fmt.Sprintf("[%-8s] ", a.tree.first("access").stripped())
	}
	var b strings.Builder
	b.WriteString(colour(a.id) + " " + colour(s.mark()) + " " + colour(access) + a.Title + " (")
	names := a.names()
	switch {
	case r.words.Has("--verbose"):
		for _, name := range names {
			text := string(name)
			installed, err := r.installed(a, name)
			if err != nil {
				return err
			}
			if len(installed) > 0 {
				text = colour(strings.Join(installed, " "))
			}
			b.WriteString(" " + text + " ")
		}
	default:
		for _, name := range names[:min(3, len(names))] {
			b.WriteString(" " + string(name) + " ")
		}
		if len(names) > 3 {
			b.WriteString("... ")
		}
	}
	b.WriteString(")")
	if ids := a.cves(); r.words.Has("--cve") && len(ids) > 0 {
		b.WriteString(" " + strings.Join(ids, ","))
	}
	r.print(b.String() + "\n")
	return nil
}

// names lists the packages of an advisory, each once.
func (a *advisory) names() (list []atoms.CP) {
	for _, p := range a.Packages {
		if !slices.Contains(list, p.CP) {
			list = append(list, p.CP)
		}
	}
	return list
}

// cves lists the identifiers that the references have.
func (a *advisory) cves() []string {
	list := []string{}
	identifier := regexp.MustCompile(`(CAN|CVE)-[\d-]+`)
	for _, text := range referencesOf(a.tree.first("glsa")) {
		if id := identifier.FindString(text); id != "" {
			list = append(list, id)
		}
	}
	return list
}

// installed lists the vulnerable installed versions of a package, on whatever
// architecture, as the last entry of the package has them.
func (r *run) installed(a *advisory, name atoms.CP) ([]string, error) {
	list := []string{}
	for i := len(a.Packages) - 1; i >= 0; i-- {
		if a.Packages[i].CP != name {
			continue
		}
		updates, err := r.system.Updates(&glsa.Advisory{Packages: a.Packages[i : i+1]}, glsa.LeastChange)
		for _, u := range updates {
			list = append(list, u.From.CPV.String())
		}
		slices.Sort(list)
		return list, err
	}
	return list, nil
}

// effort says which safe versions are chosen.
func (r *run) effort() glsa.Effort {
	if r.words.Has("--emergelike") {
		return glsa.Highest
	}
	return glsa.LeastChange
}

// title begins what is told about an advisory, and says if it concerns the system.
func (r *run) title(a *advisory, doing string) (bool, error) {
	vulnerable, err := r.system.Vulnerable(a.Advisory)
	quiet := r.words.Has("--quiet")
	if !quiet || vulnerable {
		r.print(doing + " GLSA " + a.id + "\n")
	}
	if !vulnerable && !quiet && err == nil {
		r.print(">>> no vulnerable packages installed\n")
	}
	return vulnerable, err
}

// pretend shows what would make the system safe.
func (r *run) pretend(a *advisory) error {
	vulnerable, err := r.title(a, "Checking")
	if err != nil {
		return err
	}
	if !vulnerable {
		r.print("\n")
		return nil
	}
	updates, err := r.system.Updates(a.Advisory, r.effort())
	if err != nil {
		return err
	}
	var order, stuck []string
	from := map[string][]string{}
	for _, u := range updates {
		if u.To == nil {
			stuck = append(stuck, u.From.CPV.String())
			continue
		}
		to := u.To.CPV.String()
		if !slices.Contains(order, to) {
			order = append(order, to)
		}
		from[to] = append(from[to], u.From.CPV.String())
	}
	r.print(">>> The following updates will be performed for this GLSA:\n")
	if len(order) > 0 {
		r.print(">>> Updates that will be performed:\n")
	}
	for _, to := range order {
		r.print("     " + r.paint.green(to) + " (vulnerable: " + r.paint.red(strings.Join(from[to], ", ")) + ")\n")
	}
	if len(stuck) > 0 {
		r.print(">>> No upgrade path exists for these packages:\n     " + r.paint.red(strings.Join(stuck, ", ")) + "\n")
	}
	r.print("\n")
	return nil
}

// fix merges what makes the system safe.
func (r *run) fix(ctx context.Context, a *advisory) error {
	vulnerable, err := r.title(a, "Fixing")
	if err != nil || !vulnerable {
		return err
	}
	upgrades, err := r.system.Upgrades(a.Advisory, r.effort())
	if err != nil {
		return err
	}
	if len(upgrades) == 0 {
		r.print(">>> cannot fix GLSA, no unaffected packages available\n")
		return &cli.FailedError{Status: 2}
	}
	for _, p := range upgrades {
		r.print(">>> merging " + p.CPV.String() + "\n")
		args := []string{"--oneshot"}
		if r.words.Has("--quiet") {
			args = append(args, "--quiet")
		}
		args = append(args, "="+p.CPV.String())
		if r.words.Has("--verbose") {
			_, _ = fmt.Fprintf(r.env.Err, "emerge %s\n", strings.Join(args, " "))
		}
		if err := emerge.Main(ctx, r.env.With("emerge", args)); err != nil {
			r.env.Report(err)
			return &cli.FailedError{Status: cli.Status(err)}
		}
	}
	r.print("\n")
	return nil
}

// inject marks an advisory as dealt with.
func (r *run) inject(a *advisory) error {
	r.print("injecting " + a.id + "\n")
	if r.applied[a.id] {
		return nil
	}
	file := r.injected()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("inject %s: %w", a.id, err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("inject %s: %w", a.id, err)
	}
	_, err = f.WriteString(a.id + "\n")
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("inject %s: %w", a.id, err)
	}
	r.applied[a.id] = true
	return nil
}
