package explain_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/explain"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// An answerer is a session that gives the resolver's own answer.
type answerer interface {
	Answer(context.Context, resolvertest.Request) (*resolver.Result, error)
}

// resolve answers the n-th request of a text world, and returns its folder.
func resolve(t *testing.T, path, world string, n int) (*resolver.Result, string) {
	t.Helper()
	f, err := resolvertest.ParseText(path, []byte(world))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w, err := resolvertest.Layout(dir, f.Playgrounds[0])
	if err != nil {
		t.Fatal(err)
	}
	s, err := adapter.Runner(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	c := f.Playgrounds[0].Cases[n]
	o := resolvertest.Options{"--pretend": resolvertest.Flag(true)}
	for _, name := range c.Options.Names() {
		o[name] = c.Options[name]
	}
	res, err := s.(answerer).Answer(t.Context(), resolvertest.Request{Args: c.Requests[0], Options: o})
	if err != nil {
		t.Fatal(err)
	}
	return res, dir
}

// A question is one question of a test file with the answer that it should have.
type question struct {
	request int // of the world
	kind    explain.QuestionKind
	text    string
	want    string
}

// split splits a test file: a text world, then questions, each a line
// ">>> N why|why-not TEXT", where N is the request, with the answer below.
func split(t *testing.T, text string) (world string, list []question) {
	t.Helper()
	parts := strings.Split(text, "\n>>> ")
	for _, part := range parts[1:] {
		head, body, _ := strings.Cut(part, "\n")
		words := strings.Fields(head)
		if len(words) != 3 {
			t.Fatalf("question %q", head)
		}
		list = append(list, question{int(words[0][0] - '0'), explain.QuestionKind(words[1]), words[2], body})
	}
	return parts[0] + "\n", list
}

// TestStories compares answers with testdata/*.txt.
func TestStories(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	told := make(map[explain.ReasonKind]bool)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) { stories(t, path, told) })
	}
	for _, word := range explain.ReasonWords() {
		if !told[explain.ReasonKind(word)] && !slices.Contains(untold, word) {
			t.Errorf("no test file has a reason %s", word)
		}
	}
}

// untold are the reasons that no small world gives.
var untold = []string{"settled", "built-slot"}

func stories(t *testing.T, path string, told map[explain.ReasonKind]bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	world, questions := split(t, string(data))
	var out strings.Builder
	out.WriteString(strings.TrimSuffix(world, "\n"))
	for i, q := range questions {
		res, dir := resolve(t, path, world, q.request)
		e, err := explain.Ask(res, q.kind, q.text)
		if err != nil {
			t.Fatalf("Ask(%s %s): %v", q.kind, q.text, err)
		}
		replace(reflect.ValueOf(e), dir)
		note(e, told)
		checkDocument(t, e)
		got := e.Text()
		if i < len(questions)-1 {
			got = strings.TrimSuffix(got, "\n")
			q.want = strings.TrimSuffix(q.want, "\n")
		}
		for line := range strings.Lines(got) {
			if utf8.RuneCountInString(line) > 81 && len(strings.Fields(line)) > 2 {
				t.Errorf("line too long: %s", line)
			}
		}
		if d := cmp.Diff(q.want, got); d != "" && !explain.Update() {
			t.Errorf("%s %s (-want +got):\n%s", q.kind, q.text, d)
		}
		out.WriteString("\n>>> " + string('0'+rune(q.request)) + " " + string(q.kind) + " " + q.text + "\n" + got)
	}
	if explain.Update() {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func checkDocument(t *testing.T, e *explain.Explanation) {
	t.Helper()
	var b, again bytes.Buffer
	if err := explain.WriteJSON(&b, e); err != nil {
		t.Fatal(err)
	}
	explain.CheckDocument(t, b.Bytes())
	if err := explain.WriteJSON(&again, e); err != nil || again.String() != b.String() {
		t.Errorf("written again it differs: %v", err)
	}
}

// note collects the kinds of the reasons given. None may be without text.
func note(e *explain.Explanation, told map[explain.ReasonKind]bool) {
	for _, a := range e.Answers {
		for _, r := range slices.Concat(a.Reasons, a.Because) {
			told[r.Kind] = true
		}
		for _, o := range a.Others {
			for _, r := range o.Reasons {
				told[r.Kind] = true
			}
		}
	}
}

// replace puts a token in place of a folder in all texts, so that lines break
// at the same place in every folder.
func replace(v reflect.Value, dir string) {
	switch v.Kind() {
	case reflect.Pointer:
		replace(v.Elem(), dir)
	case reflect.Struct:
		for i := range v.NumField() {
			replace(v.Field(i), dir)
		}
	case reflect.Slice:
		for i := range v.Len() {
			replace(v.Index(i), dir)
		}
	case reflect.String:
		v.SetString(strings.ReplaceAll(v.String(), dir, "${EPREFIX}"))
	}
}

func TestAskFaults(t *testing.T) {
	res, _ := resolve(t, "w", "-- repo --\na/b-1\n-- emerge a/b --\nmerge a/b-1\n", 0)
	for _, text := range []string{"", "a/", "!a/b", "@world", "a/b[", "///"} {
		if e, err := explain.Ask(res, explain.Why, text); err == nil {
			t.Errorf("Ask(%q) = %s, want an error", text, e.Text())
		}
	}
}

// A question without category is about all packages of that name.
func TestAskByName(t *testing.T) {
	res, _ := resolve(t, "w", "-- repo --\na/b-1\nc/b-1\nc/b-2\n-- emerge a/b --\nmerge a/b-1\n", 0)
	for text, want := range map[string]string{
		"b": "a/b-1", "b-1": "a/b-1", ">=b-1": "a/b-1", "a/b-1": "a/b-1", "=a/b-1": "a/b-1", "a/b-1::test_repo": "a/b-1", "b:0": "a/b-1",
		"c/b": "c/b-2 c/b-1", "c/b-1": "c/b-1", "a/b-2": "", "x": "",
	} {
		e, err := explain.Ask(res, explain.Why, text)
		if err != nil {
			t.Errorf("Ask(%q): %v", text, err)
			continue
		}
		var got []string
		for _, a := range e.Answers {
			got = append(got, a.Package.CPV)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("Ask(%q) is about %q, want %q", text, got, want)
		}
	}
}
