package emaint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

func (r *run) revisions() string { return filepath.Join(r.eroot(), "var/lib/portage/repo_revisions") }

// lockRevisions waits for the lock that Portage, too, holds; nil if there is nothing
// to be locked.
func (r *run) lockRevisions(ctx context.Context) (*atomicfile.Lock, error) {
	if _, err := os.Stat(r.revisions()); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	dir, name := filepath.Split(r.revisions())
	return atomicfile.Acquire(ctx, filepath.Join(dir, "."+name+".portage_lockfile"), atomicfile.Exclusive)
}

// purgeAllRevisions removes the history of revisions of repositories.
func purgeAllRevisions(ctx context.Context, r *run) (bool, []string, error) {
	lock, err := r.lockRevisions(ctx)
	if lock == nil {
		return err == nil, nil, err
	}
	defer lock.Remove()
	if err := os.Remove(r.revisions()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, nil, err
	}
	return true, nil, nil
}

// purgeRevisions takes some repositories out of it.
func purgeRevisions(ctx context.Context, r *run) (bool, []string, error) {
	lock, err := r.lockRevisions(ctx)
	if lock == nil {
		return err == nil, nil, err
	}
	defer lock.Remove()
	text, err := os.ReadFile(r.revisions())
	if err != nil {
		return false, nil, err
	}
	history := map[string][]string{}
	if len(bytes.TrimSpace(text)) > 0 {
		if err := json.Unmarshal(text, &history); err != nil {
			return false, nil, fmt.Errorf("read %s: %w", r.revisions(), err)
		}
	}
	before := len(history)
	for _, name := range strings.Fields(*r.words.Text("--purgerepos")) {
		delete(history, name)
	}
	switch len(history) {
	case 0:
		return true, nil, os.Remove(r.revisions())
	case before:
		return true, nil, nil
	}
	return true, nil, replace(r.revisions(), historyText(history))
}

// historyText writes the history as Portage does: on one line, names sorted.
func historyText(history map[string][]string) []byte {
	quoted := func(s string) string {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(s) // a string can always be written
		return strings.TrimSuffix(b.String(), "\n")
	}
	var entries []string
	for _, name := range slices.Sorted(mapsKeys(history)) {
		var list []string
		for _, revision := range history[name] {
			list = append(list, quoted(revision))
		}
		entries = append(entries, quoted(name)+": ["+strings.Join(list, ", ")+"]")
	}
	return []byte("{" + strings.Join(entries, ", ") + "}")
}
