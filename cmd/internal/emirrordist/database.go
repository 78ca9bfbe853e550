package emirrordist

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// A database tells for which package a file came first.
type database struct {
	path   string
	owners map[string]string
}

// readDatabase reads a database; one that is not there is empty.
func readDatabase(path string) (*database, error) {
	db := &database{path, map[string]string{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return db, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &db.owners)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return db, nil
}

func (db *database) write() error {
	text, err := json.MarshalIndent(db.owners, "", " ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(db.path, append(text, '\n'), 0o644)
}
