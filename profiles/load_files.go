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

// envDir is the folder of the files that package.env names.
func (c *Config) envDir() string { return filepath.Join(c.UserDir, "env") }
