// Package news finds the news items of repositories (GLEP 42) that concern a root and
// were not read yet.
//
// What was read is noted in var/lib/gentoo/news, as eselect news and Portage have it:
// news-REPOSITORY.unread lists what waits, news-REPOSITORY.skip what was ever listed.
package news

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// Unread is the number of unread items of a repository.
type Unread struct {
	Repo  string
	Count int
}

// Note says whether new items are noted as unread.
type Note uint8

const (
	Look Note = iota // nothing is written
	Keep             // new items are noted
)

// Count counts unread items, for each repository that has some, by ascending
// priority. Items that are not valid are problems.
func Count(root *session.Root, note Note) (list []Unread, problems []error) {
	for _, repo := range root.Config.Repos().Repos {
		n, errs := count(root, repo, note)
		problems = append(problems, errs...)
		if n > 0 {
			list = append(list, Unread{repo.Name, n})
		}
	}
	return list, problems
}

func count(root *session.Root, repo *repos.Repo, note Note) (int, []error) {
	dir := filepath.Join(root.EROOT(), "var/lib/gentoo/news")
	base := filepath.Join(dir, "news-"+repo.Name)
	items := filepath.Join(repo.Location, "metadata/news")
	names, err := os.ReadDir(items)
	if err != nil {
		return 0, nil // most repositories have no news
	}
	unread, skip := lines(base+".unread"), lines(base+".skip")
	var problems []error
	fresh := false
	for _, n := range names {
		if slices.Contains(skip, n.Name()) {
			continue
		}
		file := filepath.Join(items, n.Name(), n.Name()+".en.txt")
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a folder without an item in this language
		}
		relevant, errs := Relevant(file, string(text), root)
		problems = append(problems, errs...)
		if !relevant {
			continue
		}
		fresh, skip = true, append(skip, n.Name())
		if !slices.Contains(unread, n.Name()) {
			unread = append(unread, n.Name())
		}
	}
	if fresh && note == Keep {
		problems = append(problems, keep(dir, base, unread, skip))
	}
	return len(unread), slices.DeleteFunc(problems, func(err error) bool { return err == nil })
}

// lines reads a list of items.
func lines(path string) (out []string) {
	list, _ := linefile.Read(path, linefile.FileOnly) // a missing list is an empty one
	for _, l := range list {
		out = append(out, strings.Join(l.Words, " "))
	}
	return out
}

// keep notes what is unread. Who may not do that leaves it, as Portage does.
func keep(dir, base string, unread, skip []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil || unix.Access(dir, unix.W_OK) != nil {
		return nil
	}
	for name, list := range map[string][]string{".unread": unread, ".skip": skip} {
		slices.Sort(list)
		err := atomicfile.WriteFile(base+name, []byte(strings.Join(list, "\n")+"\n"), 0o664)
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("note news: %w", err)
		}
	}
	return nil
}

// Relevant says if the item with a text concerns a root: of each sort of Display-If
// lines that it has, one must be true. An item that is not valid concerns nobody.
func Relevant(file, text string, root *session.Root) (bool, []error) {
	profile := ""
	if n := len(root.Config.Nodes); n > 0 {
		for _, repo := range root.Config.Repos().Repos {
			if rest, ok := strings.CutPrefix(canonical(root.Config.ProfilePath), canonical(repo.Profiles())+"/"); ok {
				profile = rest
			}
		}
	}
	installed := func(a *atoms.Atom) bool {
		list, err := root.Installed.Packages(a.CP)
		for _, p := range list {
			if err == nil && a.Match(p.Candidate(nil)) {
				return true
			}
		}
		return false
	}
	return judge(file, text, profile, root.Config.Get("ARCH"), installed)
}

func canonical(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// judge is Relevant for what it asks of a root.
func judge(file, text, profile, arch string, installed func(*atoms.Atom) bool) (bool, []error) {
	format := ""
	var problems []error
	header := regexp.MustCompile(`^(News-Item-Format|Display-If-Installed|Display-If-Profile|Display-If-Keyword):\s*(.*?)\s*$`)
	met := map[string]bool{}
	problem := func(line int, what string, err error) {
		problems = append(problems, &linefile.Problem{File: file, Line: line, Text: what, Err: err})
	}
	for i, line := range strings.Split(text, "\n") {
		m := header.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if _, known := met[m[1]]; !known {
			met[m[1]] = false
		}
		switch value := m[2]; m[1] {
		case "News-Item-Format":
			if !strings.HasPrefix(value, "1.") && !strings.HasPrefix(value, "2.") {
				problem(i+1, value, errors.New("format of a news item is not known"))
			}
			format = value
			met[m[1]] = true
		case "Display-If-Installed":
			a, err := atoms.ParseAtom(value, atoms.AtomOptions{})
			if err != nil {
				problem(i+1, value, err)
				continue
			}
			met[m[1]] = met[m[1]] || installed(a)
		case "Display-If-Profile":
			prefix, wild := strings.CutSuffix(value, "*")
			met[m[1]] = met[m[1]] || value == profile || wild && strings.HasSuffix(prefix, "/") && strings.HasPrefix(profile, prefix)
		case "Display-If-Keyword":
			met[m[1]] = met[m[1]] || value == arch
		}
	}
	if format == "" {
		problem(0, "", errors.New("News-Item-Format is missing"))
	}
	for _, ok := range met {
		if !ok {
			return false, problems
		}
	}
	return len(problems) == 0, problems
}
