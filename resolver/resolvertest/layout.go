package resolvertest

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// profilePath is where the active profile lies in the main repository.
const profilePath = "profiles/default/linux/x86/test_profile"

// What belongs to the running root alone, where a target root has another
// configuration, is below runningDir.
const (
	runningDir         = "running"
	runningProfilePath = "profiles/default/linux/x86/running_profile"
)

// ownRunning says if the running root has a configuration of its own.
func (d *Definition) ownRunning() bool { return d.RunningProfile != nil || d.RunningConfig != nil }

// A layout writes the files of one playground below a folder.
type layout struct {
	dir   string
	d     *Definition
	repos []string // in the order of their first mention
	made  map[string]bool
	err   error // the first error; later steps do nothing
}

func newLayout(dir string, d *Definition) *layout {
	l := &layout{dir: dir, d: d, made: map[string]bool{}, repos: []string{MainRepo}}
	for _, e := range d.Ebuilds {
		if _, repo := splitRepo(e.CPV); !slices.Contains(l.repos, repo) {
			l.repos = append(l.repos, repo)
		}
	}
	// A text world may configure a repository that has no packages.
	for _, repo := range slices.Sorted(maps.Keys(d.RepoConfigs)) {
		if !slices.Contains(l.repos, repo) {
			l.repos = append(l.repos, repo)
		}
	}
	return l
}

// splitRepo splits "cpv::repo"; the default is the main repository.
func splitRepo(s string) (cpv, repo string) {
	cpv, repo, _ = strings.Cut(s, "::")
	if repo == "" {
		repo = MainRepo
	}
	return cpv, repo
}

// eapi is the EAPI of what names none.
func (d *Definition) eapi() string {
	if d.EAPI == "" {
		return "0"
	}
	return d.EAPI
}

// expand replaces the tokens of case files by paths of this world.
func (l *layout) expand(s string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	return strings.NewReplacer("${EPREFIX}", l.dir, "${GNUPGHOME}", filepath.Join(l.dir, "gnupg")).Replace(s)
}

func (l *layout) mkdir(rel string) {
	dir := filepath.Join(l.dir, rel)
	if l.err != nil || l.made[dir] {
		return
	}
	l.err = os.MkdirAll(dir, 0o755)
	l.made[dir] = true
}

// write writes a file, replacing one that exists.
func (l *layout) write(rel, content string) {
	l.mkdir(filepath.Dir(rel))
	if l.err == nil {
		l.err = os.WriteFile(filepath.Join(l.dir, rel), []byte(l.expand(content)), 0o644)
	}
}

// writeLines writes each line followed by a newline.
func (l *layout) writeLines(rel string, lines []string) {
	var b strings.Builder
	for _, s := range lines {
		b.WriteString(s)
		b.WriteByte('\n')
	}
	l.write(rel, b.String())
}

func (l *layout) symlink(target, rel string) {
	l.mkdir(filepath.Dir(rel))
	if l.err != nil {
		return
	}
	path := filepath.Join(l.dir, rel)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.err = err
		return
	}
	l.err = os.Symlink(l.expand(target), path)
}

// apply makes the file changes of a case file.
func (l *layout) apply(changes []FileChange) {
	for _, c := range changes {
		switch {
		case c.Deleted:
			if l.err == nil {
				l.err = os.RemoveAll(filepath.Join(l.dir, c.Path))
			}
		case c.Symlink != "":
			l.symlink(c.Symlink, c.Path)
		default:
			l.write(c.Path, c.Content)
		}
	}
}

func repoPath(repo string) string { return "var/repositories/" + repo }

// files lays out everything but packages.
func (l *layout) files() {
	for _, repo := range l.repos {
		l.repoFiles(repo)
	}
	l.profile(profilePath, "etc/portage", l.d.Profile)
	l.userConfig("etc/portage", l.d.UserConfig)
	if l.d.ownRunning() {
		l.profile(runningProfilePath, runningDir+"/etc/portage", l.d.RunningProfile)
		l.userConfig(runningDir+"/etc/portage", l.d.RunningConfig)
	}
	for name, lines := range l.d.Sets {
		l.writeLines("etc/portage/sets/"+name, lines)
	}
	l.mkdir("etc/portage/sets")
	l.mkdir("var/db/pkg")
	l.mkdir("pkgdir")
	l.writeLines("var/lib/portage/world", l.d.World)
	l.writeLines("var/lib/portage/world_sets", l.d.WorldSets)
	l.mkdir("var/portage/distfiles")
	for name, content := range l.d.Distfiles {
		l.write("var/portage/distfiles/"+name, string(content))
	}
	for name, lines := range l.d.FilesByPath {
		l.writeLines(name, lines)
	}
	if l.d.TargetRoot {
		l.mkdir("target_root")
		l.writeLines("target_root/"+l.dir+"/var/lib/portage/world", l.d.WorldTo)
	}
}

// repoFiles writes the files of a repository that are not packages.
func (l *layout) repoFiles(repo string) {
	dir := repoPath(repo)
	l.write(dir+"/profiles/repo_name", repo+"\n")
	var categories []string
	for _, e := range l.d.Ebuilds {
		cpv, r := splitRepo(e.CPV)
		if category, _, ok := strings.Cut(cpv, "/"); ok && r == repo {
			categories = append(categories, category)
		}
	}
	slices.Sort(categories)
	l.writeLines(dir+"/profiles/categories", slices.Compact(categories))
	l.write(dir+"/profiles/license_groups", "EULA TEST\n")
	l.write(dir+"/metadata/layout.conf", "masters =\n")
	config := l.d.RepoConfigs[repo]
	if _, given := config["eapi"]; l.d.EAPI != "" && !given {
		l.write(dir+"/profiles/eapi", l.d.EAPI+"\n")
	}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		if name != "layout.conf" {
			l.writeLines(dir+"/profiles/"+name, config[name])
			continue
		}
		lines := slices.Clone(config[name])
		if !slices.ContainsFunc(lines, func(s string) bool {
			return strings.HasPrefix(s, "masters =") || strings.HasPrefix(s, "# use implicit masters")
		}) {
			lines = append(lines, "masters =")
		}
		l.writeLines(dir+"/metadata/layout.conf", lines)
	}
	l.mkdir(dir + "/eclass")
	for name, lines := range l.d.Eclasses {
		l.writeLines(dir+"/eclass/"+name+".eclass", lines)
	}
}

// profile writes the profile that a folder of configuration has in force. Text worlds add to its make.defaults;
// every other file of the definition replaces the one that is made here.
func (l *layout) profile(path, config string, files map[string][]string) {
	dir := repoPath(MainRepo) + "/" + path
	if _, given := files["eapi"]; !given {
		l.write(dir+"/eapi", l.d.eapi()+"\n")
	}
	l.write(dir+"/use.force", "x86\n")
	l.write(dir+"/parent", "..\n")
	for name, lines := range files {
		if name != "make.defaults" {
			l.writeLines(dir+"/"+name, lines)
		}
	}
	l.writeLines(dir+"/make.defaults", append([]string{`ARCH="x86"`, `ACCEPT_KEYWORDS="x86"`}, files["make.defaults"]...))
	l.symlink("${EPREFIX}/"+dir, config+"/make.profile")
}

// userConfig writes a folder etc/portage.
func (l *layout) userConfig(dir string, config map[string][]string) {
	for name, lines := range config {
		l.writeLines(dir+"/"+name, lines)
	}
	l.writeLines(dir+"/make.conf", makeConf(config["make.conf"]))
	sections := [][]string{{"DEFAULT", "main-repo = " + MainRepo}}
	for _, repo := range l.repos {
		sections = append(sections, []string{repo, "location = ${EPREFIX}/" + repoPath(repo)})
	}
	l.combine(dir+"/repos.conf", sections, config["repos.conf"])
	if len(l.d.Binrepos) > 0 {
		sections := [][]string{{"DEFAULT", "frozen = yes"}}
		for _, b := range l.d.Binrepos {
			l.mkdir(binrepoPath(b.Name))
			sections = append(sections, []string{b.Name, "sync-uri = ${EPREFIX}/" + binrepoPath(b.Name)})
		}
		l.combine(dir+"/binrepos.conf", sections, config["binrepos.conf"])
	}
}

func binrepoPath(name string) string { return "var/binrepos/" + name }

// makeConf returns make.conf with the lines that Portage's test bench puts
// first, without those that only concern signing, fetching and building.
func makeConf(user []string) []string {
	lines := []string{
		`ACCEPT_KEYWORDS="x86"`,
		`CLEAN_DELAY="0"`,
		`DISTDIR="${EPREFIX}/var/portage/distfiles"`,
		`EMERGE_WARNING_DELAY="0"`,
		`FEATURES="${FEATURES} binpkg-signing gpg-keepalive"`,
		`PKGDIR="${EPREFIX}/pkgdir"`,
		`PORTAGE_TMPDIR="${EPREFIX}/var/tmp"`,
	}
	lines = append(lines, user...)
	if slices.Contains(user, "BINPKG_FORMAT=gpkg") {
		lines = append(lines, `FEATURES="${FEATURES} binpkg-request-signature"`)
	}
	return lines
}

// combine merges generated sections (name, then key = value lines) with the
// lines of the definition: into the section of that name if there is one.
func (l *layout) combine(name string, sections [][]string, user []string) {
	merged := slices.Clone(user)
	for _, s := range slices.Backward(sections) {
		header := "[" + s[0] + "]"
		i := slices.Index(merged, header)
		if i < 0 {
			merged = slices.Insert(merged, 0, header)
			i = 0
		}
		for _, entry := range s[1:] {
			key, _, _ := strings.Cut(entry, " ")
			if slices.ContainsFunc(user, func(u string) bool { return strings.HasPrefix(u, key) }) && l.err == nil {
				l.err = fmt.Errorf("%s: %s is set by the layout, the definition cannot set it", name, key)
			}
		}
		merged = slices.Insert(merged, i+1, s[1:]...)
	}
	l.writeLines(name, merged)
}
