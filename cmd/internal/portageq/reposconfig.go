package portageq

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// reposConfig prints the configuration of all repositories as a repos.conf in which
// nothing is left to be found out.
func reposConfig(_ context.Context, c *call) error {
	config, err := c.repositories()
	if err != nil {
		return err
	}
	if c.json {
		list := slices.Clone(config.Repos)
		slices.Reverse(list)
		return c.writeRepositories(config, list)
	}
	return c.print(configText(config))
}

// configText writes all repositories as a repos.conf.
func configText(config *repos.Config) string {
	list := slices.Clone(config.Repos)
	slices.SortFunc(list, func(a, b *repos.Repo) int { return cmp.Compare(a.Name, b.Name) })
	var b strings.Builder
	b.WriteString("[DEFAULT]\n")
	(&section{options: config.Defaults, config: config}).write(&b)
	for _, r := range list {
		b.WriteString("\n[" + r.Name + "]\n")
		(&section{options: r.Options, config: config, repo: r}).write(&b)
	}
	return b.String()
}

// A section is one of the text: of a repository, or the defaults.
type section struct {
	options []repos.Option
	config  *repos.Config
	repo    *repos.Repo // nil: the defaults
}

func (s *section) option(key string) (string, bool) {
	for _, o := range s.options {
		if o.Key == key {
			return o.Value, true
		}
	}
	return "", false
}

// A key is an option that is always told if it has a value.
type key struct {
	name  string
	value func(s *section, name string) (string, bool)
}

// keys lists the options that Portage itself knows, sorted.
func keys() []key {
	return []key{
		{"aliases", (*section).aliases},
		{"auto-sync", func(s *section, name string) (string, bool) { return strings.ToLower(s.trimmed(name, "yes")), true }},
		{"clone-depth", (*section).option},
		{"eclass-overrides", (*section).words},
		{"force", (*section).words},
		{"format", func(s *section, name string) (string, bool) { v, ok := s.option(name); return strings.TrimSpace(v), ok }},
		{"location", (*section).location},
		{"main-repo", (*section).main},
		{"masters", (*section).masters},
		{"priority", (*section).priority},
		{"strict-misc-digests", boolean(true)},
		{"sync-allow-hardlinks", boolean(true)},
		{"sync-depth", (*section).option},
		{"sync-hooks-only-on-change", boolean(false)},
		{"sync-openpgp-key-package", (*section).option},
		{"sync-openpgp-key-path", (*section).option},
		{"sync-openpgp-key-refresh", (*section).refresh},
		{"sync-openpgp-key-refresh-retry-count", (*section).option},
		{"sync-openpgp-key-refresh-retry-delay-exp-base", (*section).option},
		{"sync-openpgp-key-refresh-retry-delay-max", (*section).option},
		{"sync-openpgp-key-refresh-retry-delay-mult", (*section).option},
		{"sync-openpgp-key-refresh-retry-overall-timeout", (*section).option},
		{"sync-openpgp-keyserver", func(s *section, name string) (string, bool) { v, ok := s.text(name); return strings.ToLower(v), ok }},
		{"sync-rcu", boolean(false)},
		{"sync-rcu-spare-snapshots", (*section).number},
		{"sync-rcu-store-dir", (*section).option},
		{"sync-rcu-ttl-days", (*section).number},
		{"sync-type", (*section).text},
		{"sync-umask", (*section).text},
		{"sync-uri", (*section).text},
		{"sync-user", (*section).text},
		{"usepkg-exclude", (*section).packages},
		{"usepkg-include", (*section).packages},
		{"volatile", (*section).volatile},
	}
}

// write writes the options that are known, and then those of the way in which the
// repository is synchronised.
func (s *section) write(b *strings.Builder) {
	for _, k := range keys() {
		if value, ok := k.value(s, k.name); ok {
			b.WriteString(k.name + " = " + value + "\n")
		}
	}
	if s.repo == nil {
		return
	}
	way, _ := s.text("sync-type")
	for _, name := range syncOptions(way) {
		if value, ok := s.option(name); ok {
			b.WriteString(name + " = " + value + "\n")
		}
	}
}

// syncOptions are the options that only one way to synchronise has.
func syncOptions(way string) []string {
	switch way {
	case "cvs":
		return []string{"sync-cvs-repo"}
	case "git":
		return []string{"sync-git-clone-env", "sync-git-clone-extra-opts", "sync-git-env", "sync-git-pull-env", "sync-git-pull-extra-opts",
			"sync-git-verify-commit-signature", "sync-git-verify-max-age-days"}
	case "mercurial":
		return []string{"sync-mercurial-clone-env", "sync-mercurial-clone-extra-opts", "sync-mercurial-env", "sync-mercurial-pull-env", "sync-mercurial-pull-extra-opts"}
	case "rsync":
		return []string{"sync-rsync-extra-opts", "sync-rsync-vcs-ignore", "sync-rsync-verify-jobs", "sync-rsync-verify-max-age", "sync-rsync-verify-metamanifest"}
	case "webrsync":
		return []string{"sync-webrsync-delta", "sync-webrsync-keep-snapshots", "sync-webrsync-verify-signature"}
	}
	return nil
}

func boolean(otherwise bool) func(s *section, name string) (string, bool) {
	return func(s *section, name string) (string, bool) {
		v, ok := s.option(name)
		if !ok {
			return strconv.FormatBool(otherwise), true
		}
		return strconv.FormatBool(yes(strings.ToLower(v))), true
	}
}

func yes(v string) bool { return v == "true" || v == "yes" }

func (s *section) trimmed(name, otherwise string) string {
	if v, ok := s.option(name); ok {
		return strings.TrimSpace(v)
	}
	return otherwise
}

// text is an option that counts as absent if it is blank.
func (s *section) text(name string) (string, bool) {
	v := s.trimmed(name, "")
	return v, v != ""
}

func (s *section) words(name string) (string, bool) {
	v, ok := s.option(name)
	return strings.Join(strings.Fields(v), " "), ok
}

func (s *section) number(name string) (string, bool) {
	n, err := strconv.Atoi(s.trimmed(name, ""))
	return strconv.Itoa(n), err == nil
}

func (s *section) aliases(name string) (string, bool) {
	v, ok := s.words(name)
	if s.repo == nil || len(s.repo.Layout.Aliases) == 0 {
		return v, ok
	}
	return strings.TrimSpace(strings.Join(s.repo.Layout.Aliases, " ") + " " + v), true
}

func (s *section) location(string) (string, bool) {
	if s.repo == nil {
		return "", false
	}
	return s.repo.Location, true
}

func (s *section) main(name string) (string, bool) {
	if s.repo != nil || s.config.Main == nil {
		return "", false
	}
	if v, ok := s.option(name); ok && s.config.Get(v) == s.config.Main {
		return v, true
	}
	return s.config.Main.Name, true
}

func (s *section) masters(name string) (string, bool) {
	if s.repo == nil {
		return s.words(name)
	}
	return strings.Join(masterNames(s.repo), " "), true
}

func (s *section) priority(name string) (string, bool) {
	if _, ok := s.number(name); s.repo == nil || !ok && s.repo != s.config.Main && s.repo.Section != "" {
		return s.number(name)
	}
	return strconv.Itoa(s.repo.Priority), true
}

func (s *section) refresh(name string) (string, bool) {
	switch v, _ := s.option(name); strings.ToLower(v) {
	case "no", "false":
		return "false", true
	case "wkd", "keyserver", "false-nowarn":
		return strings.ToLower(v), true
	}
	return "true", true
}

// packages are names or slots of packages; others do not count.
func (s *section) packages(name string) (string, bool) {
	if s.repo == nil {
		return "", false
	}
	v, _ := s.option(name)
	var words []string
	for _, w := range strings.Fields(v) {
		a, err := atoms.ParseAtom(w, atoms.AtomOptions{AllowWildcard: true})
		if err == nil && a.Op == atoms.OpNone && a.Blocker == atoms.BlockNone && len(a.USE) == 0 {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " "), true
}

// volatile says if others may change the repository. If nobody says, one is taken
// to be the package manager's own below var/db/repos that root or portage owns.
func (s *section) volatile(name string) (string, bool) {
	if v, ok := s.option(name); ok {
		return strconv.FormatBool(yes(v)), true
	}
	own := s.repo != nil && !s.repo.MissingName && strings.HasPrefix(s.repo.Location, "/var/db/repos") && ownedByManager(s.repo.Location)
	return strconv.FormatBool(!own), true
}

// portageUID is the number that Gentoo gives the account portage.
const portageUID = 250

func ownedByManager(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && (st.Uid == 0 || st.Uid == portageUID)
}
