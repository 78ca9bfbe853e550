package tree

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/md5cache"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

// metadata gives values by name; ok is false for one that is not there.
type metadata func(key string) (value string, ok bool)

// Get gives a metadata value, without blanks at its end. A value that is not there,
// and all of a package that cannot be read, is not ok.
func (p *Package) Get(key string) (value string, ok bool) {
	if v, known := p.text[key]; known {
		if v == nil {
			return "", false
		}
		return *v, true
	}
	if p.metadata == nil {
		p.metadata = p.open()
	}
	value, ok = p.metadata(key)
	if !ok && p.Tree.Kind == Indexed {
		value, ok = packed(p.path)(key)
	}
	if p.text == nil {
		p.text = map[string]*string{}
	}
	p.text[key] = nil
	if ok {
		value = strings.TrimRight(value, " \t\n\r\v\f")
		p.text[key] = &value
	}
	return value, ok
}

// open gets at the metadata of a package.
func (p *Package) open() metadata {
	switch p.Tree.Kind {
	case Installed:
		return func(key string) (string, bool) {
			text, err := os.ReadFile(p.path + "/" + key)
			return string(text), err == nil
		}
	case Cache:
		entry, err := md5cache.Read(p.path)
		if err != nil {
			return none
		}
		return func(key string) (string, bool) {
			v := entry.Get(key)
			return v, v != ""
		}
	case Ebuilds:
		text, err := os.ReadFile(p.path)
		if err != nil {
			return none
		}
		return assigned(string(text))
	default:
		return packed(p.path)
	}
}

func none(string) (string, bool) { return "", false }

// packed reads the metadata of a binary package.
func packed(path string) metadata {
	read := xpak.ReadFile
	if strings.HasSuffix(path, ".gpkg.tar") {
		read = gpkg.ReadFile
	}
	files, err := read(path, nil)
	if err != nil {
		return none
	}
	return func(key string) (string, bool) {
		text, ok := files[key]
		return string(text), ok
	}
}

// assigned finds the plain assignments of an ebuild: what does not depend on bash.
func assigned(text string) metadata {
	values := map[string]string{}
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		name, value, ok := strings.Cut(line, "=")
		switch {
		case !ok || !isVariable(name):
		case value != "" && (value[0] == '"' || value[0] == '\''):
			value = text[len(name)+1:]
			end := closing(value)
			_, rest, _ = strings.Cut(value[end:], "\n")
			values[name] = strings.NewReplacer("\\\n", " ", `\"`, `"`).Replace(value[1:end])
		default:
			values[name], _, _ = strings.Cut(value, " ")
		}
		text = rest
	}
	return func(key string) (string, bool) {
		v, ok := values[key]
		return v, ok
	}
}

func isVariable(name string) bool {
	return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
}

// closing is where the quote that a text begins with is closed, else its end.
func closing(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i
		}
	}
	return len(text)
}

// indexed lists the packages of a Packages file.
func (t *Tree) indexed() ([]*Package, error) {
	index, err := binpkg.ReadIndex(t.dir + "/Packages")
	if err != nil {
		return nil, err
	}
	var all []*Package
	for _, s := range index.Stanzas {
		p := &Package{Tree: t, Name: s.CPV.String()}
		p.path = filepath.Join(t.dir, p.Name+".tbz2")
		if path := s.Get("PATH"); path != "" {
			p.path = filepath.Join(t.dir, path)
		}
		p.metadata = func(key string) (string, bool) {
			v := s.Get(key)
			return v, v != ""
		}
		p.Atom().BuildID, _ = strconv.Atoi(s.Get("BUILD_ID")) // absent: none
		all = append(all, p)
	}
	return all, nil
}
