package board

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/argparse"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// list tells which boards there are.
func (c *call) list() error {
	marks, err := c.found()
	if err != nil {
		return err
	}
	boards := make([]Board, 0, len(marks))
	for _, m := range marks {
		boards = append(boards, c.describe(m))
	}
	return c.finish(boards, func() error {
		for _, b := range boards {
			state := "ok"
			if len(b.Problems) > 0 {
				state = b.Problems[0]
			}
			if _, err := fmt.Fprintf(c.env.Out, "%s\t%s\t%s\t%s\t%s\n", b.Name, b.Root, known(b.CHOST), known(b.Profile), state); err != nil {
				return err
			}
		}
		return nil
	})
}

// known is a fact, or a dash.
func known(s *string) string {
	if s == nil || *s == "" {
		return "-"
	}
	return *s
}

// find finds a board by its name.
func (c *call) find(name string) (mark, error) {
	marks, err := c.found()
	if err != nil {
		return mark{}, err
	}
	var all []string
	for _, m := range marks {
		if m.Name == name {
			return m, nil
		}
		all = append(all, m.Name)
	}
	if len(all) == 0 {
		return mark{}, fmt.Errorf("there is no board %s: %s has no wrappers", name, c.binDir)
	}
	return mark{}, fmt.Errorf("there is no board %s; there are: %s", name, strings.Join(all, " "))
}

// show tells what is known of a board.
func (c *call) show(name string) error {
	m, err := c.find(name)
	if err != nil {
		return err
	}
	b := c.describe(m)
	return c.finish([]Board{b}, func() error {
		lines := []string{
			"name\t" + b.Name, "root\t" + b.Root, "chost\t" + known(b.CHOST), "profile\t" + known(b.Profile), "pkgdir\t" + known(b.PKGDIR),
		}
		for _, w := range b.Wrappers {
			lines = append(lines, "wrapper\t"+w)
		}
		for _, p := range b.Problems {
			lines = append(lines, "problem\t"+p)
		}
		_, err := fmt.Fprintln(c.env.Out, strings.Join(lines, "\n"))
		return err
	})
}

// describe looks at a board.
func (c *call) describe(m mark) Board {
	b := Board{Name: m.Name, Root: m.Root, Exists: session.IsDir(m.Root), Wrappers: append([]string{}, c.wrappersOf(m)...), Problems: []string{}}
	for _, tool := range slices.Sorted(maps.Keys(tools())) {
		path := filepath.Join(c.binDir, tool+"-"+m.Name)
		if own, ok := readMark(path); !ok {
			b.Problems = append(b.Problems, path+" is missing")
		} else if own.Root != m.Root {
			b.Problems = append(b.Problems, fmt.Sprintf("%s is for the root %s", path, own.Root))
		}
	}
	if !b.Exists {
		b.Problems = append([]string{"the root is gone"}, b.Problems...)
		return b
	}
	config, err := session.LoadConfig(c.sources(m.Root))
	if err != nil {
		b.Problems = append(b.Problems, err.Error())
		return b
	}
	chost, pkgdir := config.Get("CHOST"), config.Get("PKGDIR")
	b.CHOST, b.PKGDIR = &chost, &pkgdir
	b.Profile = profileName(m.Root, config.Repos())
	if b.Profile == nil {
		b.Problems = append(b.Problems, "there is no make.profile")
	} else if len(config.Nodes) == 0 {
		b.Problems = append(b.Problems, "the profile is gone: "+*b.Profile)
	}
	if !isFor(m.Root) {
		b.Problems = append(b.Problems, makeConf(m.Root)+" is not for this root")
	}
	link := filepath.Join(c.sbinDir, chost+"-ldconfig")
	if target, err := os.Readlink(link); err == nil && filepath.Base(target) != "ldconfig-"+m.Name {
		b.Problems = append(b.Problems, fmt.Sprintf("%s is for %s", link, strings.TrimPrefix(filepath.Base(target), "ldconfig-")))
	}
	return b
}

// profileName names the profile of a root: REPO:PATH if it is of a repository.
func profileName(root string, config *repos.Config) *string {
	link := filepath.Join(root, "etc/portage/make.profile")
	if !session.Exists(link) {
		return nil
	}
	name := link
	if target, err := os.Readlink(link); err == nil {
		if name = target; !filepath.IsAbs(target) {
			name = filepath.Join(filepath.Dir(link), target)
		}
	}
	for _, r := range config.Repos {
		for _, location := range []string{r.Location, r.UserLocation} {
			if path, ok := strings.CutPrefix(name, filepath.Join(location, "profiles")+"/"); ok {
				name = r.Name + ":" + path
				return &name
			}
		}
	}
	return &name
}

// remove takes the wrappers of a board away, and with --purge its root.
func (c *call) remove(name string) error {
	m, err := c.find(name)
	if err != nil {
		return err
	}
	purge := c.words.Has("--purge") && session.Exists(m.Root)
	if purge {
		if err := c.checkPurge(m.Root); err != nil {
			return err
		}
	}
	var problems []error
	for _, path := range c.wrappersOf(m) {
		problems = append(problems, c.delete(path))
	}
	for _, entry := range c.ldconfigLinks(name) {
		problems = append(problems, c.delete(entry))
	}
	debug := filepath.Join(c.buildRoot(), "usr/lib/debug", m.Root)
	if target, err := os.Readlink(debug); err == nil && target == filepath.Join(m.Root, "usr/lib/debug") {
		problems = append(problems, c.delete(debug))
	}
	if purge {
		problems = append(problems, c.purge(m.Root))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("remove board %s: %w", name, err)
	}
	return c.finish(nil, func() error {
		for _, change := range c.changes {
			if _, err := fmt.Fprintf(c.env.Out, "%s %s\n", change.Action, change.Path); err != nil {
				return err
			}
		}
		return nil
	})
}

// ldconfigLinks lists the links CHOST-ldconfig that are for a board.
func (c *call) ldconfigLinks(name string) []string {
	entries, _ := os.ReadDir(c.sbinDir) // a folder that cannot be read has none
	var out []string
	for _, e := range entries {
		path := filepath.Join(c.sbinDir, e.Name())
		if target, err := os.Readlink(path); err == nil && target == "ldconfig-"+name {
			out = append(out, path)
		}
	}
	return out
}

// isFor says if the make.conf in a root is for this root.
func isFor(root string) bool {
	text, err := os.ReadFile(makeConf(root))
	return err == nil && strings.Contains("\n"+string(text), "\nROOT=\""+root+"/\"\n")
}

// purge removes a root with all that is in it.
func (c *call) purge(root string) error {
	if err := c.checkPurge(root); err != nil {
		return err
	}
	if err := os.RemoveAll(root); err != nil {
		return err
	}
	c.changed(root, "removed")
	return nil
}

// checkPurge refuses to remove what is not set up as the root of a board.
func (c *call) checkPurge(root string) error {
	switch {
	case root == "/" || root == c.buildRoot():
		return fmt.Errorf("%s is the root of the machine that builds: it is not removed", root)
	case !isFor(root):
		return fmt.Errorf("%s is not removed: %s is not for this root", root, makeConf(root))
	}
	return nil
}

// All tells which boards the usual folder of wrappers has.
func All(env *cli.Env) ([]Board, error) {
	c := &call{env: env, words: &argparse.Words{}}
	if err := c.place(); err != nil {
		return nil, err
	}
	marks, err := c.found()
	boards := make([]Board, 0, len(marks))
	for _, m := range marks {
		boards = append(boards, c.describe(m))
	}
	return boards, err
}
