package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
)

// Write writes p as one JSON object, indented by two blanks, with a newline at
// the end. It fills in schema and schema_version and writes empty lists as [];
// p itself is left alone. The same plan gives the same bytes.
func Write(w io.Writer, p *Plan) error {
	q := *p
	q.Schema, q.SchemaVersion = SchemaName, SchemaVersion
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(complete(reflect.ValueOf(q)).Interface()); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// complete returns a copy of v in which no list is nil.
func complete(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			c.Field(i).Set(complete(v.Field(i)))
		}
		return c
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k != reflect.Struct && !v.IsNil() {
			return v
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(complete(v.Index(i)))
		}
		return c
	}
	return v
}

// number writes n, or null for 0.
func number(n int) []byte {
	if n == 0 {
		return []byte("null")
	}
	return strconv.AppendInt(nil, int64(n), 10)
}

// text writes s, or null for "", without the HTML escapes of json.Marshal.
func text(s string) ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
