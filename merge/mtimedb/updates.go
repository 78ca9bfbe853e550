package mtimedb

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
)

// Updates reads which files of package moves were carried out: their times in seconds,
// by path. What cannot be read says nothing.
func Updates(path string) map[string]int64 {
	var db struct {
		Updates map[string]json.Number `json:"updates"`
	}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &db) != nil {
		return nil
	}
	out := make(map[string]int64, len(db.Updates))
	for name, n := range db.Updates {
		if seconds, err := n.Int64(); err == nil {
			out[name] = seconds
		}
	}
	return out
}

// NoteUpdates adds files to those that were carried out.
func NoteUpdates(path string, times map[string]int64) error {
	w := &Writer{path: path, list: &List{}}
	return w.change(func(db map[string]json.RawMessage) error {
		known := make(map[string]json.RawMessage)
		_ = json.Unmarshal(db["updates"], &known) // what is no object is replaced
		if known == nil {
			known = make(map[string]json.RawMessage)
		}
		maps.Copy(known, encoded(times))
		text, err := encode(known)
		if err == nil {
			db["updates"] = text
		}
		return err
	})
}

func encoded(times map[string]int64) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(times))
	for name, seconds := range times {
		out[name] = json.RawMessage(fmt.Sprint(seconds))
	}
	return out
}
