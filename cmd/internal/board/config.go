package board

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// hostConfig is the configuration of the machine that builds.
type hostConfig struct {
	config *profiles.Config
	repos  *repos.Config
}

// sources says where a configuration is: of the machine that builds, or of a board
// if a root is given.
func (c *call) sources(root string) *session.Options {
	vars := maps.Clone(c.env.Vars)
	for _, name := range []string{"ROOT", "SYSROOT", "PORTAGE_CONFIGROOT"} {
		delete(vars, name)
		if root != "" {
			vars[name] = root
		}
	}
	return &session.Options{Vars: vars, Abs: c.env.Abs, BuildRoot: c.env.Vars["TUMPLINE_BUILD_ROOT"]}
}

func (c *call) readHost() (*hostConfig, error) {
	config, err := session.LoadConfig(c.sources(""))
	if err != nil {
		return nil, fmt.Errorf("read configuration of the machine that builds: %w", err)
	}
	return &hostConfig{config: config, repos: config.Repos()}, nil
}

// repositories gives the board the repositories of the machine that builds, the
// settings that they have for boards, and its profile.
func (s *site) repositories() error {
	etc := filepath.Join(s.Root, "etc/portage")
	if err := s.copyReposConf(filepath.Join(etc, "repos.conf")); err != nil {
		return err
	}
	for _, r := range s.host.repos.Repos {
		if err := s.linkSettings(r, etc); err != nil {
			return err
		}
	}
	if patches := filepath.Join(s.repo.Location, "coreos/user-patches"); session.IsDir(patches) {
		if err := s.link(patches, filepath.Join(etc, "patches")); err != nil {
			return err
		}
	}
	to, err := filepath.Rel(etc, s.repo.Location)
	if err != nil {
		return err
	}
	return s.link(filepath.Join(to, "profiles", s.profile), filepath.Join(etc, "make.profile"))
}

// copyReposConf copies the files of repos.conf.
func (s *site) copyReposConf(to string) error {
	from := filepath.Join(s.buildRoot(), "etc/portage/repos.conf")
	var files []string
	if session.IsDir(from) {
		entries, err := os.ReadDir(from)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Type().IsRegular() || e.Type()&fs.ModeSymlink != 0 {
				files = append(files, filepath.Join(from, e.Name()))
			}
		}
	} else if session.Exists(from) {
		files = []string{from}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := s.write(filepath.Join(to, filepath.Base(file)), string(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// linkSettings links what a repository has for boards, coreos/config/portage/NAME,
// as etc/portage/NAME/REPO.conf.
func (s *site) linkSettings(r *repos.Repo, etc string) error {
	if r.Name == "prefix" { // Flatcar's, for another kind of roots
		return nil
	}
	from := filepath.Join(r.Location, "coreos/config/portage")
	entries, err := os.ReadDir(from)
	if err != nil {
		return nil // most repositories have none
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".md") {
			continue
		}
		dir := filepath.Join(etc, e.Name())
		if err := s.folder(dir, 0o755); err != nil {
			return err
		}
		if err := s.link(filepath.Join(from, e.Name()), filepath.Join(dir, r.Name+".conf")); err != nil {
			return err
		}
	}
	return nil
}

// settings writes make.conf. What a user has added in make.conf.user stays.
func (s *site) settings() error {
	etc := filepath.Join(s.Root, "etc")
	user := filepath.Join(etc, "portage/make.conf.user")
	if old := filepath.Join(etc, "make.conf.user"); session.Exists(old) && !session.Exists(user) {
		if err := os.Rename(old, user); err != nil {
			return err
		}
		s.changed(user, "moved")
	}
	for _, old := range []string{"make.conf", "make.conf.common"} {
		if err := s.delete(filepath.Join(etc, old)); err != nil {
			return err
		}
	}
	if !session.Exists(user) {
		if err := s.write(user, "", 0o644); err != nil {
			return err
		}
	}
	return s.write(makeConf(s.Root), s.makeConf(), 0o644)
}

// makeConf is the text of make.conf, as Flatcar's setup_board writes it.
func (s *site) makeConf() string {
	host := s.host.config
	var b strings.Builder
	line := func(name, value string) {
		b.WriteString(name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(value) + "\"\n")
	}
	b.WriteString("# Created by tumpline board setup\n\n# Settings derived from the host environment\n")
	line("CBUILD", host.Get("CHOST"))
	line("HOSTCC", host.Get("CHOST")+"-gcc")
	for _, name := range []string{"DISTDIR", "MAKEOPTS", "PORTAGE_USERNAME", "FETCHCOMMAND", "RESUMECOMMAND"} {
		b.WriteString(name + "=" + strings.ReplaceAll(shellconf.Quote(host.Get(name)), "$", `\$`) + "\n")
	}
	b.WriteString("\n# Board specific settings\n")
	line("CHOST", s.chost)
	line("ROOT", s.Root+"/")
	line("PKGDIR", s.pkgdir)
	line("PORT_LOGDIR", filepath.Join(s.Root, "var/log/portage"))
	line("PORTAGE_TMPDIR", filepath.Join(s.Root, "var/tmp"))
	line("PORTAGE_BINHOST", strings.Join(slices.Clone(s.call.words.All("--binhost")), " "))
	b.WriteString(`
# Generally there isn't any need to add packages to @world by default.
# You can use --select to override this.
EMERGE_DEFAULT_OPTS="--oneshot --verbose"

# Enable provenance reporting by default. Produced files are in /usr/share/SLSA
GENERATE_SLSA_PROVENANCE="true"

# Allow the user to override or define additional settings.
`)
	b.WriteString(`source "` + filepath.Join(s.Root, "etc/portage/make.conf.user") + "\"\n")
	return b.String()
}
