package index

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// kind is the kind of a row.
type kind int64

const (
	kindMeta     kind = iota // key "location": the repository
	kindCategory             // key category: a Listing
	kindShard                // key category/first: neighbouring packages
	kindDigests              // key "": digests of files
)

// applicationID marks our files among SQLite's ("tump").
const applicationID = 0x74756d70

const (
	schema  = "CREATE TABLE row (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (kind, key))"
	byKey   = "SELECT key, data FROM row WHERE kind = ? AND key = ?"
	atOrLow = "SELECT key, data FROM row WHERE kind = ? AND key <= ? ORDER BY key DESC LIMIT 1"
)

// A conn is one connection of SQLite's driver. It is used without database/sql,
// whose pool and conversions cost more than the queries.
type conn struct{ c driver.Conn }

func openConn(path, query string) (conn, error) {
	dsn := (&url.URL{Scheme: "file", Opaque: escape(path), RawQuery: query}).String()
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn)
	return conn{c}, err
}

// escape writes a path for an SQLite URI.
func escape(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

func (c conn) exec(text string, args ...driver.Value) error {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	_, err := c.c.(driver.ExecerContext).ExecContext(context.Background(), text, named)
	return err
}

func (c conn) prepare(text string) (driver.Stmt, error) { return c.c.Prepare(text) }

// number asks a pragma for a number.
func (c conn) number(pragma string) (int64, error) {
	stmt, err := c.prepare("PRAGMA " + pragma)
	if err != nil {
		return 0, err
	}
	defer stmt.Close()
	row, err := first(stmt, 1)
	if err != nil {
		return 0, err
	}
	n, ok := row[0].(int64)
	if !ok {
		return 0, fmt.Errorf("%s is no number", pragma)
	}
	return n, nil
}

// first gives the first row of a query; nil values if there is none.
func first(stmt driver.Stmt, columns int, args ...driver.Value) ([]driver.Value, error) {
	rows, err := stmt.Query(args) //nolint:staticcheck // the statement comes from Prepare
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	dest := make([]driver.Value, columns)
	if err := rows.Next(dest); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return dest, nil
}

// A reader reads rows of one file that nobody changes.
type reader struct {
	conn
	byKey, atOrLow driver.Stmt
}

// openReader opens the file and checks that it is an index of the location in
// our version.
func openReader(path, location string) (*reader, error) {
	c, err := openConn(path, "mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	r := &reader{conn: c}
	if err := r.check(location); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *reader) check(location string) error {
	id, err := r.number("application_id")
	if err != nil {
		return err
	}
	version, err := r.number("user_version")
	if err != nil {
		return err
	}
	if id != applicationID || version != Version {
		return fmt.Errorf("application %#x version %d, expected version %d", id, version, Version)
	}
	if r.byKey, err = r.prepare(byKey); err != nil {
		return err
	}
	if r.atOrLow, err = r.prepare(atOrLow); err != nil {
		return err
	}
	recorded, err := r.get(kindMeta, metaLocation)
	if err != nil {
		return err
	}
	if recorded != location {
		return fmt.Errorf("made for %q, expected %q", recorded, location)
	}
	return nil
}

// metaLocation is the key of the location of the repository.
const metaLocation = "location"

// get gives the fields of a row, or "" if there is none.
func (r *reader) get(k kind, key string) (string, error) {
	row, err := first(r.byKey, 2, int64(k), key)
	if err != nil || row[1] == nil {
		return "", err
	}
	return fields(k, row)
}

// fields checks a row of key and data.
func fields(k kind, row []driver.Value) (string, error) {
	key, ok1 := text(row[0])
	data, ok2 := row[1].([]byte)
	if !ok1 || !ok2 {
		return "", errDamaged
	}
	return open(rowKey(k, key), data)
}

// text takes a column that holds text, which the driver gives as it likes.
func text(v driver.Value) (string, bool) {
	switch s := v.(type) {
	case string:
		return s, true
	case []byte:
		return string(s), true
	}
	return "", false
}

func rowKey(k kind, key string) string { return fmt.Sprint(int64(k), " ", key) }

// shard gives the shard that covers a package name. If the category has none, an
// empty shard covers all its names.
func (r *reader) shard(category, name string) (*shard, error) {
	row, err := first(r.atOrLow, 2, int64(kindShard), category+"/"+name)
	if err != nil {
		return nil, err
	}
	if row[1] == nil {
		return &shard{}, nil
	}
	key, _ := text(row[0])
	firstName, ours := strings.CutPrefix(key, category+"/")
	if !ours {
		return &shard{}, nil
	}
	data, err := fields(kindShard, row)
	if err != nil {
		return nil, err
	}
	return decodeShard(firstName, data)
}

// category gives all packages of a category.
func (r *reader) category(category string) ([]*Package, error) {
	var list []*Package
	for name := ""; ; {
		s, err := r.shard(category, name)
		if err != nil {
			return nil, err
		}
		list = append(list, s.packages...)
		if s.next == "" {
			return list, nil
		}
		if s.next <= name {
			return nil, errDamaged
		}
		name = s.next
	}
}

func (r *reader) close() {
	for _, s := range []driver.Stmt{r.byKey, r.atOrLow} {
		if s != nil {
			s.Close() // nothing to lose: the file is only read
		}
	}
	r.c.Close()
}
