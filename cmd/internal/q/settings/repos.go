package settings

import (
	"os"
	"path/filepath"
	"strings"
)

// readRepos reads repos.conf, the distribution's and the user's.
func (s *Settings) readRepos() {
	for _, name := range []string{"/usr/share/portage/config/repos.conf", "/etc/portage/repos.conf"} {
		path := s.configs + name
		entries, err := os.ReadDir(path)
		if err != nil {
			s.readReposFile(path)
			continue
		}
		for _, e := range entries {
			file := path + "/" + e.Name()
			info, err := os.Stat(file)
			if err == nil && info.Mode().IsRegular() && e.Name()[0] != '.' && !strings.HasSuffix(file, "~") {
				s.readReposFile(file)
			}
		}
	}
}

// readReposFile reads one file. As in portage-utils main-repo counts for the sections
// after it in its own file.
func (s *Settings) readReposFile(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return // there need not be one
	}
	section, main := "", ""
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = line[1 : len(line)-1]
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case !ok || section == "":
		case section == "DEFAULT" && key == "main-repo":
			main = value
		case section != "DEFAULT" && key == "location":
			s.place(Repo{Name: section, Location: real(value), Origin: path}, section == main)
		}
	}
}

// place notes a repository, in the place of one with the same name.
func (s *Settings) place(r Repo, main bool) {
	at := -1
	for i := range s.Repos {
		if s.Repos[i].Name == r.Name {
			at = i
		}
	}
	if at < 0 {
		at = len(s.Repos)
		s.Repos = append(s.Repos, r)
	}
	s.Repos[at] = r
	if main {
		for i := range s.Repos {
			s.Repos[i].Main = i == at
		}
		s.home = &Repo{Name: r.Name, Location: r.Location, Origin: r.Origin}
	}
}

// addMain finds the main repository: the one that repos.conf says, else the first.
// Without any the variable PORTDIR says where it is.
func (s *Settings) addMain(dir string) {
	v := s.find("PORTDIR")
	if len(s.Repos) == 0 {
		location := v.Value
		if !filepath.IsAbs(location) {
			location = filepath.Join(dir, location)
		}
		location = real(location)
		name, _ := os.ReadFile(location + "/profiles/repo_name") // unknown: no name
		s.Repos = append(s.Repos, Repo{Name: strings.TrimSpace(string(name)), Location: location, Origin: v.Origin})
	}
	if s.Main() == nil {
		s.Repos[0].Main = true
	}
	v.Value, v.Origin = s.Main().Location, s.Main().Origin
}
