package diff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/plandiff"
)

func (r *request) comparePlans(env *cli.Env) (*document, error) {
	var plans []*plan.Plan
	for _, name := range r.args {
		p, err := readPlan(env.Abs(name))
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	return r.planDocument(r.args[0], r.args[1], plans[0], plans[1]), nil
}

func readPlan(path string) (*plan.Plan, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	defer f.Close()
	return plan.Read(path, f)
}

// compareConfigs asks emerge twice.
func (r *request) compareConfigs(ctx context.Context, env *cli.Env, before, after string) (*document, error) {
	var plans []*plan.Plan
	for _, root := range []string{before, after} {
		p, err := r.ask(ctx, env, env.Abs(root))
		if err != nil {
			return nil, fmt.Errorf("%s: with %s: %w", program, root, err)
		}
		plans = append(plans, p)
	}
	return r.planDocument(before, after, plans[0], plans[1]), nil
}

// compareChange asks emerge with the configuration as it is, and with lines added to it.
func (r *request) compareChange(ctx context.Context, env *cli.Env) (*document, error) {
	root := env.Vars["PORTAGE_CONFIGROOT"]
	if root == "" {
		root = "/"
	}
	dir, err := os.MkdirTemp("", "tumpline-diff-")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	defer os.RemoveAll(dir) // what is left of it is in the system's folder for such things
	if err := r.copyConfig(env.Abs(root), dir); err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	d, err := r.compareConfigs(ctx, env, root, dir)
	if err != nil {
		return nil, err
	}
	var words []string
	for _, c := range r.changes {
		words = append(words, c.file+": "+c.line)
	}
	d.New = strings.Join(words, "; ")
	return d, nil
}

// copyConfig makes a config root that has what another has, and the changes.
func (r *request) copyConfig(from, to string) error {
	source, dir := filepath.Join(from, "etc/portage"), filepath.Join(to, "etc/portage")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	changed := map[string][]string{}
	for _, c := range r.changes {
		changed[c.file] = append(changed[c.file], c.line)
	}
	for _, e := range entries {
		if _, ok := changed[e.Name()]; ok {
			continue
		}
		// A link with an absolute target: relative ones within keep their meaning.
		target, err := filepath.EvalSymlinks(filepath.Join(source, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // dangling there too
		}
		if err != nil {
			return err
		}
		if err := os.Symlink(target, filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if err := addLines(filepath.Join(source, name), filepath.Join(dir, name), changed[name]); err != nil {
			return err
		}
	}
	return nil
}

// addLines copies a file, or a folder of files, and adds lines after all others.
func addLines(from, to string, lines []string) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	st, err := os.Stat(from)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case st.IsDir():
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			return err
		}
	default:
		text, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, "0"), text, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(to, "zzzz-tumpline-diff"), []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// ask has emerge make the plan of the request with the configuration of a root.
func (r *request) ask(ctx context.Context, env *cli.Env, root string) (*plan.Plan, error) {
	var out bytes.Buffer
	inner := env.With("emerge", slices.Concat([]string{"--pretend", "--json", "--config-root=" + root}, r.emerge))
	inner.Out = &out
	err := emerge.Main(ctx, inner)
	p, rerr := plan.Read("the plan", &out)
	switch {
	case rerr != nil && err != nil:
		return nil, err
	case rerr != nil:
		return nil, rerr
	case !p.Success:
		var words []string
		for _, problem := range p.Problems {
			words = append(words, problem.Message)
		}
		return nil, fmt.Errorf("the request cannot be met: %s", strings.Join(words, "; "))
	}
	return p, nil
}

func (r *request) planDocument(before, after string, o, n *plan.Plan) *document {
	d := &document{Comparison: r.what, Old: before, New: after, Request: list(r.emerge), Changes: []entry{}, Problems: []string{}}
	for _, c := range plandiff.Compare(o, n) {
		root := string(c.Root)
		e := entry{
			Kind: string(c.Kind), CP: c.CP, Root: &root, Old: stepVersion(c.Old), New: stepVersion(c.New), Metadata: []metadata{},
			Use:   use{list(c.Flags.Enabled), list(c.Flags.Disabled), list(c.Flags.Added), list(c.Flags.Removed)},
			Added: []string{}, Removed: []string{}, Reasons: []reason{},
		}
		for _, why := range c.Reasons {
			if why.Parent == "" {
				continue
			}
			e.Reasons = append(e.Reasons, reason{Parent: string(why.Parent), Class: orNull(string(why.Class)), Atom: orNull(string(why.Atom))})
		}
		d.Changes = append(d.Changes, e)
	}
	d.count()
	return d
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func stepVersion(s *plan.Step) *version {
	if s == nil {
		return nil
	}
	return &version{Version: s.Version, Slot: slotText(s.Slot, s.Subslot), Repo: s.Repo, Origin: string(s.Origin)}
}
