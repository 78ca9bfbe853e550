package shellconf_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

// oracle is the shape of testdata/getconfig.json, whose "from" says which
// program gave the answers.
type oracle struct {
	Files map[string]string
	Cases []struct {
		Text   string
		Mode   string // strict, tolerant, literal, source, tolerantsource
		Vars   [][2]string
		Error  string
		Warned bool
	}
}

func TestGetconfigAsPortage(t *testing.T) {
	data, err := os.ReadFile("testdata/getconfig.json")
	if err != nil {
		t.Fatal(err)
	}
	var o oracle
	if err := json.Unmarshal(data, &o); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, c := range o.Cases {
		opts := shellconf.Options{
			Tolerant: strings.Contains(c.Mode, "tolerant"),
			Source:   strings.Contains(c.Mode, "source"),
			Literal:  c.Mode == "literal",
			Env:      shellconf.Env{"A": "envA", "EMPTY": ""},
			Open: func(path string) ([]byte, error) {
				rel, err := filepath.Rel(dir, path)
				if text, ok := o.Files[rel]; err == nil && ok {
					return []byte(text), nil
				}
				return nil, fs.ErrNotExist
			},
		}
		f, err := shellconf.Parse(filepath.Join(dir, "main.conf"), []byte(c.Text), opts)
		switch {
		case opts.Tolerant && c.Error != "": // Portage stops, we do not
			if err != nil || len(f.Warnings) == 0 {
				t.Errorf("%s %q: error %v, want a warning (%s)", c.Mode, c.Text, err, c.Error)
			}
		case err != nil && c.Error == "":
			t.Errorf("%s %q: error %v, want %q", c.Mode, c.Text, err, c.Vars)
		case err == nil && c.Error != "":
			t.Errorf("%s %q: no error, want %s", c.Mode, c.Text, c.Error)
		case err == nil:
			if d := cmp.Diff(c.Vars, pairs(f)); d != "" {
				t.Errorf("%s %q: (-want +got)\n%s", c.Mode, c.Text, d)
			}
			if (len(f.Warnings) > 0) != c.Warned {
				t.Errorf("%s %q: warnings %v, want any: %t", c.Mode, c.Text, f.Warnings, c.Warned)
			}
		}
	}
}

// pairs lists the variables of f.
func pairs(f *shellconf.File) [][2]string {
	out := [][2]string{}
	for v := range f.All() {
		out = append(out, [2]string{v.Name, v.Value})
	}
	return out
}
