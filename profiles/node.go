package profiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles/userconf"
)

// A Node is one directory of the profile stack.
type Node struct {
	Path     string         // absolute, without symbolic links where it leaves a repository
	Repo     string         // name of the repository that holds it; empty: none
	EAPI     *eapi.Features // of the files in it; Permissive for user profiles without an eapi file
	EAPIName string         // as written or inherited from the repository; empty: none
	Formats  []string       // profile-formats of the repository's layout.conf
	Dirs     bool           // files may be directories of files
	User     bool           // etc/portage/profile
	RepoDeps bool           // atoms may name a repository
	BuildIDs bool           // atoms may name a build id

	// Entered marks nodes whose child in the stack lies in another repository,
	// or in none: only these can deprecate the whole profile.
	Entered bool
}

// place tells how the package.* files of the node read.
func (n *Node) place() userconf.Profile {
	place := userconf.Profile{
		EAPI: n.EAPI, Directories: n.Dirs, User: n.User,
		AllowRepo: n.RepoDeps, AllowBuildID: n.BuildIDs,
	}
	if n.User && n.EAPIName == "" {
		place.EAPI = nil
	}
	return place
}

// HasFormat says if the node's repository declares a profile format.
func (n *Node) HasFormat(name string) bool { return slices.Contains(n.Formats, name) }

// Join returns the path of a file of the node.
func (n *Node) Join(name string) string { return filepath.Join(n.Path, name) }

// A Deprecation is what the file "deprecated" of a profile says.
type Deprecation struct {
	File        string
	Replacement string // path of the profile to use, below profiles/; may be empty
	Text        string // the lines after the first
}

// Deprecation returns why the profile as a whole is deprecated, or nil. A
// deprecated parent does not deprecate its children, except where the child is
// outside of the parent's repository, as a user's own profile is.
func (c *Config) Deprecation() *Deprecation {
	for i := len(c.Nodes) - 1; i >= 0; i-- {
		if c.Nodes[i].Entered {
			if d := readDeprecation(c.Nodes[i].Join("deprecated")); d != nil {
				return d
			}
		}
	}
	if c.ProfilePath == "" {
		return nil
	}
	return readDeprecation(filepath.Join(c.ProfilePath, "deprecated"))
}

func readDeprecation(path string) *Deprecation {
	text, err := linefile.ReadText(path)
	if err != nil {
		return nil
	}
	d := &Deprecation{File: path}
	if len(text.Lines) > 0 {
		d.Replacement = text.Lines[0]
		d.Text = strings.Join(text.Lines[1:], "\n")
	}
	return d
}

// A stackLoader walks parents.
type stackLoader struct {
	shelf *Shelf
	repos repoTable
	nodes []*Node
	chain []string // paths of the nodes being entered, outermost first
	warn  *warnings
}

// loadStack returns the nodes of the profile at path and its parents, parents
// first; a parent met twice is there twice (PMS, "The parent file").
func loadStack(path string, repos repoTable, shelf *Shelf, warn *warnings) ([]*Node, error) {
	l := stackLoader{shelf: shelf, repos: repos, warn: warn}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("read profile %s: %w", path, err)
	}
	if err := l.enter(real, nil, Pos{}); err != nil {
		return nil, err
	}
	return l.nodes, nil
}

// enter adds the node at path after its parents. from is the place that named it.
func (l *stackLoader) enter(path string, child *repo, from Pos) error {
	if slices.Contains(l.chain, path) {
		return problem(from, path, ErrParentLoop)
	}
	l.chain = append(l.chain, path)
	defer func() { l.chain = l.chain[:len(l.chain)-1] }()

	holder := l.repos.holding(path)
	node, err := l.newNode(path, holder)
	if err != nil {
		return err
	}
	node.Entered = holder != child
	parents, err := l.parents(node)
	if err != nil {
		return err
	}
	for _, p := range parents {
		target, err := l.resolve(node, holder, p)
		if err != nil {
			return err
		}
		if err := l.enter(target, holder, p.Pos); err != nil {
			return err
		}
	}
	l.nodes = append(l.nodes, node)
	return nil
}

func (l *stackLoader) newNode(path string, holder *repo) (*Node, error) {
	node := &Node{Path: path, EAPIName: "0", Dirs: true}
	if holder != nil {
		node.Repo = holder.Name
		node.Formats = holder.Layout.ProfileFormats
		node.EAPIName = holder.defaultEAPI
		node.BuildIDs = holder.Layout.Has("build-id")
	}
	file := filepath.Join(path, "eapi")
	if l.shelf.folder(path).has("eapi") {
		if name, ok, err := firstLine(file); err != nil {
			return nil, err
		} else if ok {
			node.EAPIName = name
		}
	}
	features, ok := lookupEAPI(node.EAPIName)
	if !ok {
		return nil, problem(Pos{file, 1}, node.EAPIName, ErrUnsupportedEAPI)
	}
	node.EAPI = features
	if holder != nil {
		node.Dirs = features.ProfileFileDirs || directoryFormat(holder)
	}
	node.RepoDeps = features.RepoDeps || node.HasFormat("profile-repo-deps")
	return node, nil
}

// userNode is etc/portage/profile. Without an eapi file nothing limits it.
func userNode(path string, warn *warnings) (*Node, error) {
	node := &Node{
		Path: path, User: true, Dirs: true, BuildIDs: true,
		Formats: []string{"profile-bashrcs", "profile-set"},
		EAPI:    eapi.Permissive(),
	}
	name, ok, problems := repos.ReadEAPI(path)
	warn.add(problems...)
	if ok {
		node.EAPIName = name
		if node.EAPI, ok = lookupEAPI(name); !ok {
			return nil, problem(Pos{filepath.Join(path, "eapi"), 1}, name, ErrUnsupportedEAPI)
		}
	}
	node.RepoDeps = node.EAPI.RepoDeps
	return node, nil
}

// parents reads the parent file of a node. Each line is one path.
func (l *stackLoader) parents(node *Node) ([]Word, error) {
	path, folder := node.Join("parent"), l.shelf.folder(node.Path)
	if !folder.has("parent") {
		return nil, nil
	}
	read := folder.reader(reading{name: "parent", shape: linefile.FileOnly})
	l.warn.add(read.problems...)
	lines := read.lines
	if len(lines) == 0 {
		if _, err := os.Stat(path); err == nil {
			return nil, problem(Pos{File: path}, "", ErrEmptyParent)
		}
		return nil, nil
	}
	list := make([]Word, len(lines))
	for i, line := range lines {
		list[i] = Word{line.Text(), Pos{line.File, line.Number}}
	}
	return list, nil
}

// resolve turns a line of a parent file into the path of a directory. A path
// that leaves the node's repository is freed of symbolic links, so that the
// repository it leads to is recognised.
func (l *stackLoader) resolve(node *Node, holder *repo, line Word) (string, error) {
	text := line.Text
	if !filepath.IsAbs(text) && (holder == nil || holder.Layout.Has("portage-2")) {
		var err error
		if text, err = l.expandRepo(holder, line); err != nil {
			return "", err
		}
	}
	path := filepath.Clean(text)
	if !filepath.IsAbs(path) {
		path = filepath.Join(node.Path, path)
	}
	if filepath.IsAbs(line.Text) || holder == nil || !strings.HasPrefix(path, holder.Location+"/") {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
	}
	if st, err := os.Stat(path); err != nil || !st.IsDir() {
		return "", problem(line.Pos, line.Text, ErrUnknownParent)
	}
	return path, nil
}

// expandRepo replaces "repo:path", and ":path" inside of a repository, by the
// path below the profiles directory.
func (l *stackLoader) expandRepo(holder *repo, line Word) (string, error) {
	name, path, found := strings.Cut(line.Text, ":")
	if !found {
		return line.Text, nil
	}
	if name != "" {
		holder = l.repos.named(name)
	}
	if holder == nil {
		return "", problem(line.Pos, line.Text, fmt.Errorf("%w: %w", ErrUnknownParent, ErrUnknownRepo))
	}
	return filepath.Join(holder.Profiles(), path), nil
}

// lookupEAPI knows the EAPIs that a profile may use: also the trial name of
// EAPI 9 that Portage still takes.
func lookupEAPI(name string) (*eapi.Features, bool) {
	if name == "9-pre1" {
		name = "9"
	}
	return eapi.Lookup(name)
}

// firstLine returns the first line of a file, without blanks around it.
func firstLine(path string) (line string, ok bool, err error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, fmt.Errorf("read profile: %w", err)
	}
	line, _, _ = strings.Cut(string(data), "\n")
	return strings.TrimSpace(line), true, nil
}
