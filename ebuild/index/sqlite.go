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
	kindMeta      kind = iota // key "location": the repository
	kindCategory              // key category: a Listing
	kindPackage               // key category/name: a Package
	kindDigests               // key "": digests of files
	kindInstalled             // key "": Installed
)

// applicationID marks our files among SQLite's ("tump").
const applicationID = 0x74756d70

const (
	schema = "CREATE TABLE row (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (kind, key))"
	byKey  = "SELECT data FROM row WHERE kind = ? AND key = ?"
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

// rowsOf runs a statement with its arguments in order.
func rowsOf(stmt driver.Stmt, args []driver.Value) (driver.Rows, error) {
	q, ok := stmt.(driver.StmtQueryContext)
	if !ok {
		return nil, errDriver
	}
	named := make([]driver.NamedValue, len(args))
	for i, v := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return q.QueryContext(context.Background(), named)
}

// first gives the first row of a query; nil values if there is none.
func first(stmt driver.Stmt, columns int, args ...driver.Value) ([]driver.Value, error) {
	rows, err := rowsOf(stmt, args)
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

// column gives all values of a query for one column of text.
func (c conn) column(query string, args ...driver.Value) ([]string, error) {
	stmt, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	rows, err := rowsOf(stmt, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	dest := make([]driver.Value, 1)
	for {
		if err := rows.Next(dest); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		s, ok := text(dest[0])
		if !ok {
			return nil, errDamaged
		}
		list = append(list, s)
	}
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

// A reader reads rows of one file that nobody changes.
type reader struct {
	conn
	byKey driver.Stmt
}

// maxMapped is how much of a file is mapped into memory, in bytes; the rest is read.
const maxMapped = 256 << 20

// openReader opens the file and checks that it is an index of the location in
// our version.
func openReader(path, location string) (*reader, error) {
	c, err := openConn(path, "mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	r := &reader{conn: c}
	// Pages are looked at where the kernel has them, not copied: the file is replaced,
	// never changed. If that is not possible they are read.
	_ = c.exec(fmt.Sprintf("PRAGMA mmap_size = %d", maxMapped))
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
	row, err := first(r.byKey, 1, int64(k), key)
	if err != nil || row[0] == nil {
		return "", err
	}
	data, ok := row[0].([]byte)
	if !ok {
		return "", errDamaged
	}
	return open(rowKey(k, key), data)
}

// rowKey is what the checksum of a row covers beside its fields.
func rowKey(k kind, key string) string { return string(rune('0'+k)) + key }

func (r *reader) close() {
	if r.byKey != nil {
		r.byKey.Close() // nothing to lose: the file is only read
	}
	r.c.Close()
}
