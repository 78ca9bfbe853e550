package report_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// A recordedWorld is a playground with the displays that package render has
// recorded in it.
type recordedWorld struct {
	Playground json.RawMessage
	Shows      []struct {
		Name    string
		Args    []string
		Options resolvertest.Options
		Color   bool
	}
}

// A display is what real Portage printed.
type display struct{ Name, Out, Err string }

// session is what the adapter's sessions can do besides answering cases.
type session interface {
	Answer(context.Context, resolvertest.Request) (*resolver.Result, error)
	Report(*resolver.Result, resolvertest.Options) *render.Report
}

func readWorlds(t *testing.T) []recordedWorld {
	t.Helper()
	data, err := os.ReadFile("testdata/worlds.json")
	if err != nil {
		t.Fatal(err)
	}
	var worlds []recordedWorld
	if err := json.Unmarshal(data, &worlds); err != nil {
		t.Fatal(err)
	}
	return worlds
}

func readDisplays(t *testing.T) map[string]display {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "render", "testdata", "display.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rec struct{ Cases []display }
	if err := json.NewDecoder(r).Decode(&rec); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]display)
	for _, d := range rec.Cases {
		out[d.Name] = d
	}
	return out
}

// known returns why the text of a recorded display differs, "" if it must not.
func known(name string) string {
	for prefix, why := range map[string]string{
		"slotconflict app/v1 app/v6 app/v2 ":      "of equal requirements Portage shows the one that a hash table gives",
		"slotconflict app/s1 app/s2 ":             "package ebuild words errors of metadata in its own way",
		"slotconflict-use dev-libs/A dev-libs/D ": "package ebuild words errors of metadata in its own way",
	} {
		if strings.HasPrefix(name, prefix) {
			return why
		}
	}
	return ""
}

// TestRecordedDisplays resolves the requests that package render has recorded,
// and compares all that is printed.
func TestRecordedDisplays(t *testing.T) {
	displays := readDisplays(t)
	exact, ordered, total := 0, 0, 0
	for _, w := range readWorlds(t) {
		s, dir := open(t, w.Playground)
		for _, show := range w.Shows {
			want, ok := displays[show.Name]
			if !ok {
				t.Errorf("%s: not recorded", show.Name)
				continue
			}
			total++
			out, err := run(t, s, show.Args, show.Options, show.Color)
			out, err = strings.ReplaceAll(out, dir, "/tmp/eprefix"), strings.ReplaceAll(err, dir, "/tmp/eprefix")
			switch why := known(show.Name); {
			case out == want.Out && err == want.Err:
				exact++
			case same(out, want.Out) && same(err, want.Err):
				ordered++
			case why == "":
				t.Errorf("%s:%s%s", show.Name, diff(" out", out, want.Out), diff(" err", err, want.Err))
			}
		}
	}
	if total < len(displays) {
		t.Logf("%d recorded displays are not in testdata/worlds.json: run convert.py", len(displays)-total)
	}
	t.Logf("%d displays: %d as recorded, %d with the same words in another order", total, exact, ordered)
	if exact < 545 {
		t.Errorf("%d displays are as recorded, want at least 545", exact)
	}
}

func open(t *testing.T, data json.RawMessage) (session, string) {
	t.Helper()
	f, err := resolvertest.ParseJSON("worlds.json", data)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "report")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := f.Playgrounds[0]
	w, err := resolvertest.Layout(dir, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Change(p.After); err != nil {
		t.Fatal(err)
	}
	s, err := adapter.Runner(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return s.(session), dir
}

// run resolves one request and returns what is printed to both streams.
func run(t *testing.T, s session, args []string, o resolvertest.Options, color bool) (string, string) {
	t.Helper()
	res, err := s.Answer(t.Context(), resolvertest.Request{Args: args, Options: o})
	if err != nil {
		return "", err.Error()
	}
	look := adapter.Look(o)
	if color {
		look.Theme = render.NewTheme()
	}
	var out, errs strings.Builder
	if err := render.Text(&out, &errs, s.Report(res, o), look); err != nil {
		t.Fatal(err)
	}
	return out.String(), errs.String()
}

// same says if two texts have the same words, whatever their order: where
// Portage walks a hash table, its order is one of many.
func same(got, want string) bool {
	colour := regexp.MustCompile("\x1b\\[[0-9;]*m")
	g := strings.FieldsFunc(colour.ReplaceAllString(got, ""), isGap)
	w := strings.FieldsFunc(colour.ReplaceAllString(want, ""), isGap)
	slices.Sort(g)
	slices.Sort(w)
	return slices.Equal(g, w)
}

func isGap(r rune) bool { return strings.ContainsRune(" \n,[]^", r) }

// diff returns the first line that differs.
func diff(what, got, want string) string {
	if got == want {
		return ""
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	i := 0
	for i < len(g) && i < len(w) && g[i] == w[i] {
		i++
	}
	line := func(list []string) string {
		if i < len(list) {
			return list[i]
		}
		return "(end)"
	}
	return "\n" + what + ": got  " + line(g) + "\n" + what + ": want " + line(w)
}
