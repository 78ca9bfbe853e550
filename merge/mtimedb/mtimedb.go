// Package mtimedb reads and writes the list of merges that a run was about to make,
// which Portage keeps in the JSON file var/cache/edb/mtimedb.
//
// It knows the form of the lists and refuses to know what is to be done about
// them. What else the file has in it is left alone.
package mtimedb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Name is the place of the file below EROOT.
const Name = "var/cache/edb/mtimedb"

// A Task is one merge of a list.
type Task struct {
	Type   string // "ebuild" or "binary"
	Root   string // EROOT, with a slash at the end
	CPV    string
	Action string // "merge"
}

// A Binary identifies the binary package of a task.
type Binary struct {
	EROOT     string
	CPV       string
	BuildID   int64 `json:"BUILD_ID"`
	BuildTime int64 `json:"BUILD_TIME"`
	MTime     int64 `json:"MTIME"`
	Size      int64 `json:"SIZE"`
}

// A List is what a run was about to merge.
type List struct {
	Tasks     []Task
	Favorites []string       // arguments: atoms, and sets with their @
	Options   map[string]any // of the run, by long name: true, false, string, float64 or []any
	Binaries  []Binary
}

// Read returns the list to be resumed of the database at path: the last one, or
// the one kept from before it; nil if there is none. As in Portage a list is
// none if it is not formed well or names another root than the given ones.
func Read(path string, roots []string) (*List, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := Parse(text, roots)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return list, nil
}

// Parse is Read for the text of a database.
func Parse(text []byte, roots []string) (*List, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var db map[string]json.RawMessage
	if err := json.Unmarshal(text, &db); err != nil {
		return nil, err
	}
	for _, key := range []string{"resume", "resume_backup"} {
		if list := parseList(db[key], roots); list != nil {
			return list, nil
		}
	}
	return nil, nil
}

// parseList reads one list; nil if it is not to be used.
func parseList(text json.RawMessage, roots []string) *List {
	var raw struct {
		Mergelist []json.RawMessage `json:"mergelist"`
		Favorites []any             `json:"favorites"`
		Options   any               `json:"myopts"`
		Binpkgs   []json.RawMessage `json:"binpkgs"`
	}
	if text == nil || json.Unmarshal(text, &raw) != nil || len(raw.Mergelist) == 0 || raw.Favorites == nil {
		return nil
	}
	list := &List{Options: make(map[string]any)}
	for _, entry := range raw.Mergelist {
		var words []string
		if json.Unmarshal(entry, &words) != nil || len(words) != 4 {
			continue
		}
		if !contains(roots, words[1]) {
			return nil
		}
		list.Tasks = append(list.Tasks, Task{words[0], words[1], words[2], words[3]})
	}
	switch o := raw.Options.(type) {
	case map[string]any:
		list.Options = o
	case []any:
		for _, word := range o {
			if name, ok := word.(string); ok {
				list.Options[name] = true
			}
		}
	default:
		return nil
	}
	for _, f := range raw.Favorites {
		if word, ok := f.(string); ok {
			list.Favorites = append(list.Favorites, word)
		}
	}
	for _, entry := range raw.Binpkgs {
		var b Binary
		if json.Unmarshal(entry, &b) == nil && b.EROOT != "" && b.CPV != "" {
			list.Binaries = append(list.Binaries, b)
		}
	}
	return list
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// SkipFirst leaves the first merge out.
func (l *List) SkipFirst() {
	for i, t := range l.Tasks {
		if t.Action == "merge" {
			l.Tasks = append(l.Tasks[:i:i], l.Tasks[i+1:]...)
			return
		}
	}
}
