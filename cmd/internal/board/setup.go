package board

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/ebuild/similar"
)

// A site is a board that is being set up.
type site struct {
	*call
	mark
	chost   string
	pkgdir  string
	program string
	qemu    string // emulator for programs of the board; empty: none is needed, or there is none

	host    *hostConfig
	repo    *repos.Repo // which has the profile
	profile string      // folder below profiles/
}

// makeConf is the file by which a root is known as that of a board.
func makeConf(root string) string { return filepath.Join(root, "etc/portage/make.conf") }

// setup sets up a board.
func (c *call) setup(name string) error {
	s := &site{call: c, mark: mark{Name: name, Root: c.env.Abs(c.text("--root", filepath.Join("/build", name)))}}
	for _, check := range []func() error{s.checkRoot, s.checkTarget, s.checkTaken} {
		if err := check(); err != nil {
			return err
		}
	}
	exists := session.Exists(makeConf(s.Root))
	if exists && !c.words.Has("--regen") && !c.words.Has("--force") {
		_, _ = fmt.Fprintf(c.env.Err, "tumpline board: %s is set up already; --regen writes its configuration anew, --force removes it first\n", s.Root)
	} else {
		if exists && c.words.Has("--force") {
			if err := c.purge(s.Root); err != nil {
				return err
			}
		}
		for _, step := range []func() error{s.folders, s.repositories, s.settings, s.debugLink} {
			if err := step(); err != nil {
				return fmt.Errorf("set up board %s: %w", name, err)
			}
		}
	}
	if err := s.wrappers(); err != nil {
		return fmt.Errorf("set up board %s: %w%s", name, err, s.advice(err))
	}
	return c.finish([]Board{c.describe(s.mark)}, func() error {
		for _, change := range c.changes {
			if _, err := fmt.Fprintf(c.env.Out, "%s %s\n", change.Action, change.Path); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(c.env.Out, "The root of board %s is %s\n", name, s.Root)
		return err
	})
}

// advice is what to do about a folder of wrappers that may not be written to.
func (s *site) advice(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return " (--bin-dir and --sbin-dir put the wrappers elsewhere)"
	}
	return ""
}

// checkRoot refuses roots that cannot be a board's.
func (s *site) checkRoot() error {
	build := s.buildRoot()
	switch {
	case s.Root == "/" || s.Root == build:
		return usageError(fmt.Sprintf("argument --root: %s is the root of the machine that builds", s.Root))
	case strings.ContainsAny(s.Root, "\n\"$`\\"):
		return usageError(fmt.Sprintf("argument --root: %q cannot stand in make.conf", s.Root))
	}
	if st, err := os.Stat(s.Root); err == nil && !st.IsDir() {
		return fmt.Errorf("the root of the board is no folder: %s", s.Root)
	}
	return nil
}

// checkTarget finds the profile and checks what else is said of the board.
func (s *site) checkTarget() error {
	if s.chost = s.text("--chost", ""); s.chost == "" {
		return usageError("--chost is missing, such as x86_64-cros-linux-gnu")
	}
	if arch, rest, ok := strings.Cut(s.chost, "-"); !ok || arch == "" || rest == "" || checkName(s.chost) != nil {
		return usageError(fmt.Sprintf("argument --chost: %q is not like x86_64-cros-linux-gnu", s.chost))
	}
	s.pkgdir = s.env.Abs(s.text("--pkgdir", filepath.Join(s.Root, "var/lib/portage/pkgs")))
	repo, path, ok := strings.Cut(s.text("--profile", ""), ":")
	if !ok || repo == "" || path == "" {
		return usageError("--profile REPO:PATH is missing, such as gentoo:default/linux/amd64/23.0")
	}
	var err error
	if s.host, err = s.readHost(); err != nil {
		return err
	}
	if s.repo = s.host.repos.Get(repo); s.repo == nil {
		return fmt.Errorf("there is no repository %s in %s; there are: %s", repo, filepath.Join(s.buildRoot(), "etc/portage/repos.conf"),
			cmp.Or(strings.Join(s.host.repos.Names(), " "), "none"))
	}
	s.profile = filepath.Clean(path)
	dir := filepath.Join(s.repo.Profiles(), s.profile)
	if !filepath.IsLocal(s.profile) || !session.IsDir(dir) {
		return fmt.Errorf("there is no profile %s: %s is no folder%s", s.text("--profile", ""), dir, s.nearProfiles())
	}
	s.program = s.text("--program", "")
	if s.program == "" {
		if s.program, err = os.Executable(); err != nil {
			return fmt.Errorf("find the program itself: %w", err)
		}
	}
	s.program = s.env.Abs(s.program)
	s.qemu = s.emulator()
	return nil
}

// nearProfiles suggests profiles with names like the one that is missing.
func (s *site) nearProfiles() string {
	text, _ := os.ReadFile(filepath.Join(s.repo.Profiles(), "profiles.desc")) // without it there is nothing to suggest
	var known []string
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) >= 2 && words[0][0] != '#' {
			known = append(known, words[1])
		}
	}
	near := similar.Closest(s.profile, known, 3, 0.6)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, ", ") + "?"
}

// checkTaken refuses names and roots that are another board's.
func (s *site) checkTaken() error {
	if s.words.Has("--force") {
		return nil
	}
	boards, err := s.found()
	if err != nil {
		return err
	}
	for _, b := range boards {
		switch {
		case b.Name == s.Name && b.Root != s.Root:
			return fmt.Errorf("board %s has the root %s already; remove it first, or use --force", b.Name, b.Root)
		case b.Name != s.Name && b.Root == s.Root:
			return fmt.Errorf("%s is the root of board %s; another board needs another root, or --force", b.Root, b.Name)
		}
	}
	path := filepath.Join(s.binDir, "emerge-"+s.Name)
	if _, ok := readMark(path); !ok && session.Exists(path) {
		return fmt.Errorf("%s is there already and belongs to no board; --force replaces it", path)
	}
	return nil
}

// emulator finds QEMU for the programs of the board, if they are not of this kind
// of machine.
func (s *site) emulator() string {
	arch, _, _ := strings.Cut(s.chost, "-")
	if own, _, _ := strings.Cut(s.host.config.Get("CHOST"), "-"); own == arch {
		return ""
	}
	for _, dir := range filepath.SplitList(s.env.Vars["PATH"]) {
		path, err := exec.LookPath(filepath.Join(dir, "qemu-"+arch))
		if err == nil && filepath.IsAbs(path) {
			return path
		}
	}
	return ""
}

// folders makes the folders of the root.
func (s *site) folders() error {
	packages, pkgs := filepath.Join(s.Root, "packages"), filepath.Join(s.Root, "var/lib/portage/pkgs")
	if err := s.folder(filepath.Dir(pkgs), 0o755); err != nil {
		return err
	}
	if st, err := os.Lstat(packages); err == nil && st.IsDir() && !session.Exists(pkgs) {
		if err := os.Rename(packages, pkgs); err != nil { // where packages were before
			return err
		}
		s.changed(pkgs, "moved")
	}
	for _, dir := range []string{"var/lib/portage/pkgs", "etc/portage/profile", "etc/portage/repos.conf", "var/log/portage"} {
		if err := s.folder(filepath.Join(s.Root, dir), 0o755); err != nil {
			return err
		}
	}
	for _, dir := range []string{"tmp", "var/tmp"} {
		if err := s.folder(filepath.Join(s.Root, dir), 0o777|fs.ModeSticky); err != nil {
			return err
		}
	}
	if s.qemu != "" { // where it can be mounted to
		place := filepath.Join(s.Root, s.qemu)
		if err := s.folder(filepath.Dir(place), 0o755); err != nil {
			return err
		}
		if !session.Exists(place) {
			if err := s.write(place, "", 0o644); err != nil {
				return err
			}
		}
	}
	return s.link("var/lib/portage/pkgs", packages)
}

// debugLink makes the debug files of the board known to debuggers of this machine,
// if that may be written to.
func (s *site) debugLink() error {
	path := filepath.Join(s.buildRoot(), "usr/lib/debug", s.Root)
	err := s.folder(filepath.Dir(path), 0o755)
	if err == nil {
		err = s.link(filepath.Join(s.Root, "usr/lib/debug"), path)
	}
	if errors.Is(err, fs.ErrPermission) {
		_, _ = fmt.Fprintf(s.env.Err, "tumpline board: debuggers will not find debug files of %s by themselves: %v\n", s.Root, err)
		return nil
	}
	return err
}

// wrappers writes the wrappers.
func (s *site) wrappers() error {
	for _, dir := range []string{s.binDir, s.sbinDir} {
		if err := s.folder(dir, 0o755); err != nil {
			return err
		}
	}
	texts := s.others(s.mark, s.chost, s.text("--scripts", ""), s.qemu)
	if scripts := s.text("--scripts", ""); scripts != "" {
		texts = s.others(s.mark, s.chost, s.env.Abs(scripts), s.qemu)
	}
	for name, changes := range tools() {
		texts[filepath.Join(s.binDir, name+"-"+s.Name)] = s.tool(name, s.program, changes)
	}
	var paths []string
	for path := range texts {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if err := s.write(path, texts[path], 0o755); err != nil {
			return err
		}
	}
	return s.link("ldconfig-"+s.Name, filepath.Join(s.sbinDir, s.chost+"-ldconfig"))
}
