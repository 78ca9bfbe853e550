package diff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/ebuild/treediff"
)

// A tree is one side of a comparison.
type tree struct {
	label string
	dir   string   // absolute
	with  []string // other repositories, absolute
}

func (r *request) masters(env *cli.Env) []string {
	var out []string
	for _, dir := range r.with {
		out = append(out, env.Abs(dir))
	}
	return out
}

// compareCommits has git unpack both commits.
func (r *request) compareCommits(ctx context.Context, env *cli.Env) (*document, error) {
	repo := env.Abs(".")
	if r.repo != "" {
		repo = env.Abs(r.repo)
	}
	dir, err := os.MkdirTemp("", "tumpline-diff-")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	defer os.RemoveAll(dir) // what is left of it is in the system's folder for such things
	g := &git{ctx: ctx, env: env, dir: dir}
	top, err := g.top(repo)
	if err != nil {
		return nil, err
	}
	var sides []tree
	for i, commit := range r.args[:2] {
		side := tree{label: commit}
		if side.dir, err = g.unpack(repo, commit, fmt.Sprintf("%d", i)); err != nil {
			return nil, err
		}
		for j, with := range r.masters(env) {
			if other, err := g.top(with); err == nil && other == top {
				if with, err = g.unpack(with, commit, fmt.Sprintf("%d.%d", i, j)); err != nil {
					return nil, err
				}
				side.with = append(side.with, with)
				continue
			}
			side.with = append(side.with, with)
		}
		sides = append(sides, side)
	}
	return r.compareTrees(env, sides[0], sides[1])
}

// A git runs git.
type git struct {
	ctx context.Context
	env *cli.Env
	dir string
}

func (g *git) run(dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(g.ctx, "git", append([]string{"-C", dir}, args...)...)
	for name, value := range g.env.Vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: git %s in %s: %w: %s", program, args[0], dir, err, strings.TrimSpace(said.String()))
	}
	return out, nil
}

// top gives the working tree that a folder is in.
func (g *git) top(dir string) (string, error) {
	out, err := g.run(dir, "rev-parse", "--show-toplevel")
	return strings.TrimSpace(string(out)), err
}

// unpack writes a folder as it is in a commit. The name of the new folder ends in that
// of the old one: it may be the repository's.
func (g *git) unpack(from, commit, name string) (string, error) {
	if _, err := g.run(from, "rev-parse", "--verify", "--quiet", "--end-of-options", commit+"^{commit}"); err != nil {
		return "", fmt.Errorf("%s: %q is no commit in %s", program, commit, from)
	}
	to := filepath.Join(g.dir, name, filepath.Base(from))
	if err := os.MkdirAll(to, 0o755); err != nil {
		return "", fmt.Errorf("%s: %w", program, err)
	}
	archive := filepath.Join(g.dir, name+".tar")
	if _, err := g.run(from, "archive", "--format=tar", "--output="+archive, commit); err != nil {
		return "", err
	}
	said, err := exec.CommandContext(g.ctx, "tar", "-xf", archive, "-C", to).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: unpack %s: %w: %s", program, commit, err, said)
	}
	return to, os.Remove(archive)
}

// compareTrees compares two repositories.
func (r *request) compareTrees(env *cli.Env, before, after tree) (*document, error) {
	only, err := packages(r.args[2:])
	if err != nil {
		return nil, err
	}
	var sides [2]*ebuild.Repository
	for i, t := range []tree{before, after} {
		opened, repository, err := t.open(env)
		if err != nil {
			return nil, err
		}
		defer func() {
			_ = opened.Close() // it only means that the next run is slower
		}()
		sides[i] = repository
	}
	options := treediff.Options{Only: only}
	if same, err := sameFiles(before.dir, after.dir, before.with, after.with); err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	} else if same != nil {
		options.Same = same
	}
	found, err := treediff.Compare(sides[0], sides[1], options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	return r.treeDocument(before.label, after.label, found), nil
}

// open opens the repository with those that it needs.
func (t *tree) open(env *cli.Env) (*session.Trees, *ebuild.Repository, error) {
	if st, err := os.Stat(t.dir); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", program, err)
	} else if !st.IsDir() {
		return nil, nil, fmt.Errorf("%s: %s is no folder", program, t.dir)
	}
	name, _, problems := repos.ReadName(t.dir)
	if name == "" {
		return nil, nil, fmt.Errorf("%s: %s: %w", program, t.dir, errors.Join(problems...))
	}
	var conf strings.Builder
	for _, dir := range append(slices.Clone(t.with), t.dir) {
		other, _, _ := repos.ReadName(dir)
		fmt.Fprintf(&conf, "[%s]\nlocation = %s\n", other, dir)
	}
	text := conf.String()
	config := repos.Load(repos.Options{Text: &text})
	for _, p := range config.Problems {
		_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", program, p) // a closed standard error cannot be told anything
	}
	opened, err := session.OpenTrees(&session.Options{Vars: env.Vars, Abs: env.Abs}, config, time.Now())
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", program, err)
	}
	repository := opened.Get(name)
	if repository == nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %s is no ebuild repository", program, t.dir), opened.Close())
	}
	return opened, repository, nil
}

// packages understands names, with or without category.
func packages(args []string) (func(atoms.CP) bool, error) {
	if len(args) == 0 {
		return nil, nil
	}
	for _, a := range args {
		if strings.Contains(a, "/") {
			if _, err := atoms.ParseCP(a); err != nil {
				return nil, wrong("%s is no name of a package: %s", a, err)
			}
		}
	}
	return func(cp atoms.CP) bool { return slices.Contains(args, string(cp)) || slices.Contains(args, cp.Name()) }, nil
}

// sameFiles tells packages whose ebuilds are the same files on both sides: their
// metadata are the same if the eclasses are. It is nil if those differ.
func sameFiles(before, after string, withBefore, withAfter []string) (func(atoms.CP) bool, error) {
	if len(withBefore) != len(withAfter) {
		return nil, nil
	}
	dirs := [][2]string{{before, after}}
	for i := range withBefore {
		dirs = append(dirs, [2]string{withBefore[i], withAfter[i]})
	}
	for _, d := range dirs {
		if same, err := sameFolder(filepath.Join(d[0], "eclass"), filepath.Join(d[1], "eclass"), ".eclass"); err != nil || !same {
			return nil, err
		}
	}
	return func(cp atoms.CP) bool {
		same, err := sameFolder(filepath.Join(before, string(cp)), filepath.Join(after, string(cp)), ".ebuild")
		return err == nil && same
	}, nil
}

// sameFolder says if two folders hold the same files with a suffix, at least one; without
// any, nothing is known, unless both are missing altogether.
func sameFolder(a, b, suffix string) (bool, error) {
	filesA, errA := os.ReadDir(a)
	filesB, errB := os.ReadDir(b)
	if errors.Is(errA, fs.ErrNotExist) && errors.Is(errB, fs.ErrNotExist) {
		return suffix == ".eclass", nil
	}
	if errA != nil || errB != nil {
		return false, nil
	}
	other := func(e fs.DirEntry) bool { return !strings.HasSuffix(e.Name(), suffix) }
	filesA, filesB = slices.DeleteFunc(filesA, other), slices.DeleteFunc(filesB, other)
	if len(filesA) != len(filesB) || len(filesA) == 0 && suffix == ".ebuild" {
		return false, nil
	}
	for i, e := range filesA {
		if filesB[i].Name() != e.Name() {
			return false, nil
		}
		textA, err := os.ReadFile(filepath.Join(a, e.Name()))
		if err != nil {
			return false, err
		}
		textB, err := os.ReadFile(filepath.Join(b, e.Name()))
		if err != nil {
			return false, err
		}
		if !bytes.Equal(textA, textB) {
			return false, nil
		}
	}
	return true, nil
}

func (r *request) treeDocument(before, after string, found []treediff.Package) *document {
	d := &document{Comparison: r.what, Old: before, New: after, Request: []string{}, Changes: []entry{}, Problems: []string{}}
	for i := range found {
		p := &found[i]
		for _, err := range p.NoMetadata {
			d.Problems = append(d.Problems, err.Error())
		}
		d.Changes = append(d.Changes, slotEntries(p)...)
	}
	d.count()
	return d
}

// slotEntries gives an entry for each slot that differs, one at least.
func slotEntries(p *treediff.Package) []entry {
	blank := func() entry {
		return entry{
			Kind: string(p.Kind), CP: string(p.CP), Use: use{list(nil), list(nil), list(nil), list(nil)}, Metadata: []metadata{},
			Added: versions(p.Added), Removed: versions(p.Removed), Reasons: []reason{},
		}
	}
	var out []entry
	for _, s := range p.Slots {
		e := blank()
		e.Old, e.New = packageVersion(s.Old), packageVersion(s.New)
		switch {
		case s.Old == nil:
			e.Kind = string(treediff.Added)
		case s.New == nil:
			e.Kind = string(treediff.Removed)
		case s.Old.CPV.Version.Compare(s.New.CPV.Version) < 0:
			e.Kind = string(treediff.Upgraded)
		case s.Old.CPV.Version.Compare(s.New.CPV.Version) > 0:
			e.Kind = string(treediff.Downgraded)
		default:
			e.Kind = string(treediff.Changed)
		}
		for _, k := range s.Keys {
			e.Metadata = append(e.Metadata, metadata{Key: k.Name, Added: list(k.Added), Removed: list(k.Removed)})
		}
		out = append(out, e)
	}
	if out == nil {
		out = append(out, blank())
	}
	return out
}

func versions(l []atoms.Version) []string {
	out := []string{}
	for _, v := range l {
		out = append(out, v.String())
	}
	return out
}

func packageVersion(p *ebuild.Package) *version {
	if p == nil {
		return nil
	}
	return &version{Version: p.CPV.Version.String(), Slot: slotText(p.Slot, p.Subslot), Repo: p.Repo, Origin: p.Origin.String()}
}
