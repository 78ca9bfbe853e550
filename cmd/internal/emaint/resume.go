package emaint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/merge/mtimedb"
)

// resumeLists reads the lists to be resumed, raw.
func (r *run) resumeLists() (map[string]json.RawMessage, error) {
	path := filepath.Join(r.eroot(), mtimedb.Name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	lists := map[string]json.RawMessage{}
	for _, name := range []string{"resume", "resume_backup"} {
		if value, ok := all[name]; ok && string(value) != "null" {
			lists[name] = value
		}
	}
	return lists, nil
}

// checkResume tells which lists there are.
func checkResume(_ context.Context, r *run) (bool, []string, error) {
	lists, err := r.resumeLists()
	var messages []string
	for _, name := range []string{"resume", "resume_backup"} {
		text, ok := lists[name]
		if !ok {
			continue
		}
		var list struct {
			Mergelist *[]json.RawMessage `json:"mergelist"`
		}
		if err := json.Unmarshal(text, &list); err != nil || list.Mergelist == nil {
			messages = append(messages, fmt.Sprintf("unrecognized resume list: '%s'", name))
			continue
		}
		messages = append(messages, fmt.Sprintf("resume list '%s' contains %d packages", name, len(*list.Mergelist)))
	}
	return true, messages, err
}

// fixResume drops them.
func fixResume(_ context.Context, r *run) (bool, []string, error) {
	lists, err := r.resumeLists()
	if err != nil || len(lists) == 0 {
		return true, nil, err
	}
	return true, nil, mtimedb.Clear(filepath.Join(r.eroot(), mtimedb.Name))
}
