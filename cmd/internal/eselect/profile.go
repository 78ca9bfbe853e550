package eselect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// Profiles is what --json prints.
var Profiles = answer.NewKind[profilesForm]("tumpline.profiles", "1.0.0", "profiles that repositories offer, and the one in use")

type profilesForm struct {
	answer.Head
	Link     string        `json:"link" jsonschema:"path of make.profile"`
	Current  *string       `json:"current" jsonschema:"the profile in use, as REPOSITORY:PATH if a repository has it; null: make.profile is no link"`
	Profiles []profileForm `json:"profiles" jsonschema:"in the order in which they are numbered; empty with show"`
}

type profileForm struct {
	Number     int    `json:"number"`
	Repository string `json:"repository"`
	Profile    string `json:"profile" jsonschema:"path below profiles"`
	Status     string `json:"status" jsonschema:"stable, dev, exp or another word of profiles.desc"`
	Path       string `json:"path"`
	Current    bool   `json:"current"`
}

// mainRepo needs no prefix.
const mainRepo = "gentoo"

// A module is the module profile with what it works on.
type module struct {
	*call
	arch  string
	repos []*repos.Repo // the main one first, then by name
	link  string        // make.profile
}

// A target is a profile that make.profile may link to.
type target struct {
	repo            *repos.Repo
	profile, status string
}

// name is the target as it is shown.
func (t *target) name() string {
	if t.repo.Name == mainRepo {
		return t.profile
	}
	return t.repo.Name + ":" + t.profile
}

func (t *target) path() string { return filepath.Join(t.repo.Location, "profiles", t.profile) }

// with opens what the module works on.
func (c *call) with(do func(*module) error) error {
	env := c.env
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // losing the index costs time, nothing else
	config := s.Target.Config
	m := &module{call: c, arch: config.Get("ARCH"), repos: slices.Clone(config.Repos().Repos)}
	slices.SortFunc(m.repos, func(a, b *repos.Repo) int {
		if a.Name == mainRepo || b.Name == mainRepo {
			return strings.Compare(strings.TrimPrefix(a.Name, mainRepo), strings.TrimPrefix(b.Name, mainRepo))
		}
		return strings.Compare(a.Name, b.Name)
	})
	m.place(filepath.Dir(filepath.Dir(config.UserDir)), s.Places.Target)
	return do(m)
}

// place finds make.profile.
func (m *module) place(configRoot, root string) {
	m.link = filepath.Join(configRoot, "etc/portage/make.profile")
	old := filepath.Join(configRoot, "etc/make.profile")
	if exists(old) {
		if exists(m.link) {
			m.warn("Both %s and %s exist.", old, m.link)
			m.warn("Using %s.", m.link)
		} else {
			m.link = old
		}
	}
	if m.arch == "" && root == "/" {
		m.arch = map[string]string{"386": "x86", "loong64": "loong", "ppc64le": "ppc64", "riscv64": "riscv", "amd64": "amd64", "arm64": "arm64", "arm": "arm"}[runtime.GOARCH]
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (m *module) warn(format string, args ...any) {
	_, _ = fmt.Fprintf(m.env.Err, "%s%s\n", m.paint(red, "!!! Warning: "), fmt.Sprintf(format, args...))
}

// targets lists the profiles for the architecture.
func (m *module) targets() ([]target, error) {
	if m.arch == "" {
		return nil, m.noArch()
	}
	if len(m.repos) == 0 {
		return nil, dead("Cannot get list of repositories")
	}
	var list []target
	for _, repo := range m.repos {
		text, err := os.ReadFile(filepath.Join(repo.Profiles(), "profiles.desc"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			words := strings.Fields(line)
			if len(words) >= 3 && words[0] == m.arch && strings.HasPrefix(line, m.arch) {
				list = append(list, target{repo, words[1], words[2]})
			}
		}
	}
	if len(list) == 0 {
		return nil, dead("Failed to get a list of valid profiles")
	}
	return list, nil
}

func (m *module) noArch() error {
	m.warn("Failed to determine ${ARCH}. Is your make.profile symlink valid?")
	return dead("Cannot determine architecture")
}

// canonical is a path without links; the path itself if it leads nowhere.
func canonical(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// current is the profile in use, "" if make.profile is no link.
func (m *module) current() string {
	if info, err := os.Lstat(m.link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return ""
	}
	link := canonical(m.link)
	for _, repo := range m.repos {
		if profile, ok := strings.CutPrefix(link, canonical(repo.Profiles())+"/"); ok {
			return (&target{repo: repo, profile: profile}).name()
		}
	}
	return link
}

// list shows the targets.
func (m *module) list() error {
	list, err := m.targets()
	if err != nil {
		return err
	}
	active := canonical(m.link)
	if m.json {
		return m.document(list, active)
	}
	if !m.brief {
		_, _ = fmt.Fprintln(m.env.Out, m.paint(green, "Available profile symlink targets:"))
	}
	for i, t := range list {
		if m.brief {
			_, _ = fmt.Fprintln(m.env.Out, t.name())
			continue
		}
		mark := ""
		if canonical(t.path()) == active {
			mark = " " + m.paint(blue, "*")
		}
		number := strconv.Itoa(i + 1)
		_, _ = fmt.Fprintf(m.env.Out, "  %s%s%s (%s)%s\n", m.paint(bold, "["+number+"]"), strings.Repeat(" ", max(4-len(number), 0)), t.name(), t.status, mark)
	}
	return nil
}

// document is list and show as data.
func (m *module) document(list []target, active string) error {
	doc := &profilesForm{Link: m.link, Profiles: []profileForm{}}
	if name := m.current(); name != "" {
		doc.Current = &name
	}
	for i, t := range list {
		doc.Profiles = append(doc.Profiles, profileForm{i + 1, t.repo.Name, t.profile, t.status, t.path(), canonical(t.path()) == active})
	}
	return Profiles.Write(m.env.Out, doc)
}

// show shows the profile in use.
func (m *module) show() error {
	if m.json {
		return m.document(nil, "")
	}
	name := m.current()
	if name == "" {
		name = "(unset)"
	}
	if !m.brief {
		_, _ = fmt.Fprintln(m.env.Out, m.paint(green, "Current "+m.link+" symlink:"))
	}
	_, err := fmt.Fprintf(m.env.Out, "  %s\n", m.paint(bold, name))
	return err
}

// set makes make.profile link to another profile.
func (m *module) set() error {
	args := m.args
	force := len(args) > 0 && args[0] == "--force"
	if force {
		args = args[1:]
	}
	if len(args) == 0 || args[0] == "" {
		return dead("You didn't tell me what to set the symlink to")
	}
	if len(args) > 1 {
		return dead("Too many parameters")
	}
	info, err := os.Lstat(m.link)
	if err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return dead("%s exists but is not a symlink", m.link)
	}
	find := m.named
	if regexp.MustCompile(`^[0-9]+$`).MatchString(args[0]) {
		find = m.numbered
	}
	t, err := find(args[0], force)
	if err != nil {
		return err
	}
	if info, err := os.Stat(t.path()); t.profile == "" || err != nil || !info.IsDir() {
		return dead("No profile directory for target %q", t.profile)
	}
	return m.replace(t, force)
}

// numbered gives the target with a number.
func (m *module) numbered(arg string, force bool) (*target, error) {
	list, err := m.targets()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 || n > len(list) {
		return nil, dead("Number out of range: %s", arg)
	}
	t := &list[n-1]
	if t.status == "exp" && !force {
		_, _ = fmt.Fprintf(m.env.Err, "%sProfile %s is experimental\n", m.paint(red, "!!! Error: "), t.profile)
		return nil, dead("Refusing to select %s profile without --force option", t.status)
	}
	return t, nil
}

// named gives the target with a name, which must be one of the architecture unless
// that is forced.
func (m *module) named(arg string, force bool) (*target, error) {
	if m.arch == "" && !force {
		return nil, m.noArch()
	}
	name, profile, ok := strings.Cut(arg, ":")
	if !ok {
		name, profile = mainRepo, arg
	}
	if name == "" {
		name = mainRepo
	}
	i := slices.IndexFunc(m.repos, func(r *repos.Repo) bool { return r.Name == name })
	if i < 0 {
		return nil, dead("get_repo_path failed")
	}
	t := &target{repo: m.repos[i], profile: profile}
	if force {
		return t, nil
	}
	text, err := os.ReadFile(filepath.Join(t.repo.Profiles(), "profiles.desc"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var arches []string
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) >= 3 && words[1] == profile && line[0] != '#' {
			arches = append(arches, words[0])
		}
	}
	if !slices.Equal(arches, []string{m.arch}) {
		return nil, dead("%s is not a valid profile for %s", profile, m.arch)
	}
	return t, nil
}

// replace links to a target, by rename: the link is never missing.
func (m *module) replace(t *target, force bool) error {
	dir := canonical(filepath.Dir(m.link))
	to, err := filepath.Rel(dir, canonical(t.repo.Location))
	if err != nil {
		return err
	}
	beside := fmt.Sprintf("%s.%d", m.link, os.Getpid())
	err = os.Symlink(filepath.Join(to, "profiles", t.profile), beside)
	if err == nil {
		if err = os.Rename(beside, m.link); err != nil {
			_ = os.Remove(beside) // the other error matters
		}
	}
	if err != nil {
		return fmt.Errorf("link %s: %w", m.link, err)
	}
	root := m.env.Vars["ROOT"]
	if root != "" && !force && !strings.HasPrefix(canonical(m.link), strings.TrimSuffix(canonical(root), "/")+"/") {
		m.warn("Strange path. Check %s symlink", m.link)
	}
	return nil
}
