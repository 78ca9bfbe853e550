package profiles

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/userconf"
)

const (
	fileOnly   = linefile.FileOnly
	fileOrTree = linefile.FileOrTree
)

// readPackageFiles reads everything that is about packages or flags. What the
// user says of "*/*" is put with make.conf.
func (l *loader) readPackageFiles() error {
	c := l.config
	c.Nodes = l.nodes
	c.repos = l.repos
	c.repoUSE = make(map[string]*useFiles, len(l.repos.list))
	for _, r := range l.repos.list {
		c.repoUSE[r.Name] = readUSEFiles(l.repoFolders[r.Name], r.eapi)
	}
	for i, n := range l.nodes {
		c.nodeUSE = append(c.nodeUSE, readUSEFiles(l.folders[i], n.EAPI))
	}
	c.userUSE = l.user.table("package.use")
	c.Masks = l.loadMasks()
	c.Accept = l.loadAccept()
	l.addGlobal("USE", c.userUSE.cut("*/*"))
	l.addGlobal("ACCEPT_LICENSE", c.Accept.expandWords(c.Accept.Licenses.cut("*/*")))
	l.addGlobal("ACCEPT_PROPERTIES", c.Accept.Properties.cut("*/*"))
	l.addGlobal("ACCEPT_RESTRICT", c.Accept.Restrict.cut("*/*"))
	l.readPackageEnv()
	l.readBashrcs()
	return nil
}

// addGlobal appends the words of a "*/*" entry to a variable of make.conf.
func (l *loader) addGlobal(name string, words []Word) {
	for _, w := range words {
		l.vars.layers[LayerConf].add(name, part{text: w.Text, pos: w.Pos})
	}
}

// readPackageEnv reads package.env. The files for "*/*" count as make.conf;
// those of other atoms are looked at here only to warn of what is wrong.
func (l *loader) readPackageEnv() {
	c := l.config
	c.userEnv = l.user.table("package.env")
	c.envVars = l.env
	global, problems := c.evaluateEnv(texts(c.userEnv.cut("*/*")))
	l.warn.add(problems...)
	conf := l.vars.layers[LayerConf]
	for name, parts := range global {
		if incremental(name) {
			conf[name] = append(slices.Clip(conf[name]), parts...)
		} else {
			conf[name] = parts
		}
		l.env[name] = joinParts(parts)
	}
	seen := make(map[string]bool)
	for _, e := range c.userEnv.Entries() {
		for _, w := range e.Words {
			if !seen[w.Text] {
				seen[w.Text] = true
				_, problems := c.evaluateEnv([]string{w.Text})
				l.warn.add(problems...)
			}
		}
	}
}

// readProvided reads package.provided and soname.provided of the nodes.
func (l *loader) readProvided() error {
	var paths []string
	for i, n := range l.nodes {
		if l.folders[i].has("package.provided") && l.mayProvide(n) {
			paths = append(paths, n.Join("package.provided"))
		}
	}
	provided, problems := userconf.ReadProvided(fileOrTree, paths...)
	l.warn.add(problems...)
	l.config.provided = make(map[atoms.CP][]atoms.CPV)
	for _, p := range provided {
		l.config.provided[p.CPV.CP] = append(l.config.provided[p.CPV.CP], p.CPV)
	}
	l.config.sonames = l.readSonames()
	return nil
}

func (l *loader) mayProvide(n *Node) bool {
	path := n.Join("package.provided")
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return false
	case !n.EAPI.PackageProvided:
		l.warn.at(Pos{File: path}, "", "file without meaning in EAPI %s", n.EAPI)
		return false
	case st.IsDir() && !n.Dirs:
		l.warn.at(Pos{File: path}, "", "%w", linefile.ErrDirectory)
		return false
	}
	return true
}

// readSonames reads "category soname..." lines; "-soname" takes one back.
func (l *loader) readSonames() map[string]bool {
	set := make(map[string]bool)
	for i := range l.nodes {
		for _, line := range l.folders[i].lines("soname.provided", fileOrTree) {
			category := line.Words[0]
			for _, word := range line.Words[1:] {
				name, removed := strings.CutPrefix(word, "-")
				switch {
				case word == "-*":
					for known := range set {
						if strings.HasPrefix(known, category+": ") {
							delete(set, known)
						}
					}
				case removed:
					delete(set, category+": "+name)
				default:
					set[category+": "+word] = true
				}
			}
		}
	}
	return set
}

// A bashrcNode is the bash files of one profile node.
type bashrcNode struct {
	profile string // profile.bashrc, or empty
	dir     string // holds the files that pkgs names
	pkgs    *Table // package.bashrc, of format profile-bashrcs
}

func (l *loader) readBashrcs() {
	for i, n := range l.nodes {
		b := bashrcNode{dir: n.Join("bashrc")}
		if path := n.Join("profile.bashrc"); l.folders[i].has("profile.bashrc") && isFile(path) {
			b.profile = path
		}
		if n.HasFormat("profile-bashrcs") {
			b.pkgs = l.folders[i].table("package.bashrc")
		}
		if b.profile != "" || b.pkgs != nil {
			l.config.bashrcs = append(l.config.bashrcs, b)
		}
	}
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// Bashrcs returns the bash files that profiles want sourced in the phases of a
// package, parents first: profile.bashrc, and what package.bashrc names.
func (c *Config) Bashrcs(p atoms.Candidate) []string {
	var list []string
	for _, b := range c.bashrcs {
		if b.profile != "" {
			list = append(list, b.profile)
		}
		for _, e := range b.pkgs.Match(p) {
			for _, w := range e.Words {
				list = append(list, filepath.Join(b.dir, w.Text))
			}
		}
	}
	return list
}
