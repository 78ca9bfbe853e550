package mtimedb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// A Writer changes the lists of a database; what else is in it stays as it is,
// whoever has changed it meanwhile. It is for one run at a time.
type Writer struct {
	path string
	list *List
}

// Begin makes list the one to be resumed. A list of more than one merge that an
// earlier run left is kept as the second one (resume_backup); one that is being
// resumed is replaced. An empty list only does the former.
func Begin(path string, list *List, resuming bool) (*Writer, error) {
	w := &Writer{path: path, list: &List{Tasks: slices.Clone(list.Tasks), Favorites: list.Favorites, Options: list.Options, Binaries: list.Binaries}}
	return w, w.change(func(db map[string]json.RawMessage) error {
		if old, ok := db["resume"]; ok && !resuming && tasksIn(old) > 1 {
			db["resume_backup"] = old
		}
		if _, ok := db["resume"]; resuming && !ok {
			delete(db, "resume_backup")
		}
		delete(db, "resume")
		return w.put(db)
	})
}

// tasksIn counts the merges of a list; what is no list has none.
func tasksIn(text json.RawMessage) int {
	var list struct {
		Mergelist []json.RawMessage `json:"mergelist"`
	}
	if json.Unmarshal(text, &list) != nil {
		return 0
	}
	return len(list.Mergelist)
}

// Forget takes a merge out of the list; the last one takes the list away.
func (w *Writer) Forget(t Task) error {
	i := slices.Index(w.list.Tasks, t)
	if i < 0 {
		return nil
	}
	w.list.Tasks = slices.Delete(w.list.Tasks, i, i+1)
	return w.change(w.put)
}

// Clear takes both lists away: whatever they say cannot be done any more.
func Clear(path string) error {
	w := &Writer{path: path, list: &List{}}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return w.change(func(db map[string]json.RawMessage) error {
		delete(db, "resume")
		delete(db, "resume_backup")
		return nil
	})
}

// Left is how many merges the list still has.
func (w *Writer) Left() int { return len(w.list.Tasks) }

// put puts the list into the database.
func (w *Writer) put(db map[string]json.RawMessage) error {
	if len(w.list.Tasks) == 0 {
		delete(db, "resume")
		return nil
	}
	text, err := encode(w.list.raw())
	if err == nil {
		db["resume"] = text
	}
	return err
}

// raw is the list as it is written. Keys are in the order of the alphabet.
func (l *List) raw() any {
	merges, favorites, binaries := [][]string{}, []string{}, []any{}
	for _, t := range l.Tasks {
		merges = append(merges, []string{t.Type, t.Root, t.CPV, t.Action})
	}
	favorites = append(favorites, l.Favorites...)
	for _, b := range l.Binaries {
		binaries = append(binaries, b)
	}
	options := l.Options
	if options == nil {
		options = map[string]any{}
	}
	return map[string]any{"binpkgs": binaries, "favorites": favorites, "mergelist": merges, "myopts": options}
}

// encode writes JSON without escapes for HTML.
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// change reads the database, changes it and writes it, as Portage does: keys
// sorted, indented by tabs. One that is not to be read is replaced.
func (w *Writer) change(f func(db map[string]json.RawMessage) error) error {
	db := map[string]json.RawMessage{}
	text, err := os.ReadFile(w.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the list of merges: %w", err)
	}
	if json.Unmarshal(text, &db) != nil {
		db = map[string]json.RawMessage{}
	}
	for name, empty := range map[string]string{"info": "{}", "ldpath": "{}", "updates": "{}", "starttime": "0", "version": `""`} {
		if _, ok := db[name]; !ok {
			db[name] = json.RawMessage(empty)
		}
	}
	if err := f(db); err != nil {
		return err
	}
	flat, err := encode(db)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, flat, "", "\t"); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(w.path), 0o755); err != nil {
		return fmt.Errorf("write the list of merges: %w", err)
	}
	if err := atomicfile.WriteLazily(w.path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the list of merges: %w", err)
	}
	return nil
}

// InfoTimes gives the times of info folders that were noted, by path, in seconds. What
// cannot be read was not noted.
func InfoTimes(path string) map[string]int64 {
	var db struct {
		Info map[string]int64 `json:"info"`
	}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &db) != nil || db.Info == nil {
		return map[string]int64{}
	}
	return db.Info
}

// NoteInfoTimes notes the times of info folders in place of those noted before.
func NoteInfoTimes(path string, times map[string]int64) error {
	w := &Writer{path: path, list: &List{}}
	return w.change(func(db map[string]json.RawMessage) error {
		text, err := encode(times)
		db["info"] = text
		return err
	})
}
