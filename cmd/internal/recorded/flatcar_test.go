package recorded_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/cmd/internal/recorded"
	"github.com/tumpline/tumpline/cmd/internal/tumpline"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// lines lists what a list of the scripts' calls has: rows of the table of emerge by
// their first column, calls of other tools by their text.
func flatcarLines(t *testing.T) (lines, rows []string) {
	text, err := os.ReadFile(sharedtest.Path(t, "FLATCAR-CLI.md"))
	if err != nil {
		t.Fatal(err)
	}
	section := ""
	code := regexp.MustCompile("`([^`]+)`")
	for l := range strings.Lines(string(text)) {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "## "):
			section = l
			if section == "## Wrappers that must exist" {
				lines = append(lines, "wrappers")
			}
		case strings.HasPrefix(l, "|"):
			where := strings.TrimSpace(strings.Split(l, "|")[1])
			if where != "Where" && strings.Trim(where, "-") != "" {
				lines, rows = append(lines, where), append(rows, l)
			}
		case strings.HasPrefix(l, "These are "):
			lines = append(lines, "options")
		case strings.HasPrefix(l, "- "):
			for _, m := range code.FindAllStringSubmatch(l, -1) {
				lines = append(lines, m[1])
			}
		}
	}
	if len(lines) < 50 || len(rows) < 15 {
		t.Fatalf("%d lines and %d rows: the list has another form", len(lines), len(rows))
	}
	return lines, rows
}

// A fragment is what a script does with the output of a recorded call.
type fragment struct{ name, record, script string }

func fragments(t *testing.T) (out []fragment) {
	text, err := os.ReadFile("testdata/flatcar-fragments.txt")
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(l, "#"):
		case strings.HasPrefix(l, "== "):
			words := strings.Fields(l)
			if len(words) != 3 {
				t.Fatalf("testdata/flatcar-fragments.txt: %q", l)
			}
			out = append(out, fragment{name: words[1], record: words[2]})
		default:
			out[len(out)-1].script += l
		}
	}
	return out
}

func records(t *testing.T) []*recorded.Record {
	list, err := recorded.Read(filepath.Join(sharedtest.Dir(t), "cli"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Each line of the list is tested somewhere, or there is a reason why not.
func TestFlatcarLines(t *testing.T) {
	forms := make(map[string]bool)
	later, err := recorded.Pending("testdata/pending.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records(t) {
		if r.Form != nil && later[r.ID] == "" {
			forms[*r.Form] = true
		}
	}
	known := make(map[string]bool)
	for _, f := range fragments(t) {
		known[f.name] = true
	}
	text, err := os.ReadFile("testdata/flatcar-cli.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines, _ := flatcarLines(t)
	covered := make(map[string]bool)
	named := make(map[string]bool)
	for l := range strings.Lines(string(text)) {
		key, what, ok := strings.Cut(strings.TrimSpace(l), " => ")
		if !ok || strings.HasPrefix(l, "#") {
			continue
		}
		kind, value, _ := strings.Cut(what, " ")
		var good bool
		switch kind {
		case "form":
			good = forms[value]
		case "fragment":
			good = known[value]
			named[value] = true
		case "test":
			_, err := os.Stat(filepath.Join(sharedtest.RepoRoot(t), value))
			good = err == nil || slices.Contains([]string{"TestFlatcarOptions", "TestFlatcarWrappersVectors"}, value)
		case "reason":
			good = value != ""
		}
		if !good {
			t.Errorf("testdata/flatcar-cli.txt: %s: there is no %s", key, what)
		}
		at := slices.IndexFunc(lines, func(line string) bool {
			return line == key || !slices.Contains(lines, key) && strings.HasPrefix(line, key)
		})
		if at < 0 {
			t.Errorf("testdata/flatcar-cli.txt: %s: FLATCAR-CLI.md has no such line", key)
		}
		for _, line := range lines {
			if line == key || !slices.Contains(lines, key) && strings.HasPrefix(line, key) {
				covered[line] = true
			}
		}
	}
	for _, line := range lines {
		if !covered[line] {
			t.Errorf("FLATCAR-CLI.md: nothing tests %q: see testdata/flatcar-cli.txt", line)
		}
	}
	for name := range known {
		if !named[name] {
			t.Errorf("testdata/flatcar-fragments.txt: no line needs %s", name)
		}
	}
	t.Logf("figure: calls of Flatcar's scripts: %d of %d lines accounted for", len(covered), len(lines))
}

// Every option that a script gives to emerge is one of ours, and is carried out.
func TestFlatcarOptions(t *testing.T) {
	_, rows := flatcarLines(t)
	options := make(map[string]bool)
	for _, row := range rows {
		for _, o := range regexp.MustCompile(`--[a-z][a-z-]*[a-z]`).FindAllString(row, -1) {
			options[o] = true
		}
	}
	if len(options) < 40 {
		t.Fatalf("%d options: the list has another form", len(options))
	}
	for _, o := range slices.Sorted(maps.Keys(options)) {
		accepted := slices.ContainsFunc([]string{"", "=y", "=1", "=cat/pkg", "=/dir"}, func(value string) bool {
			_, err := emerge.Parse([]string{o + value}, emerge.Strict)
			return err == nil
		})
		if !accepted {
			t.Errorf("emerge does not take %s", o)
		}
		if why := emerge.Refuses(o); why {
			t.Errorf("emerge refuses %s", o)
		}
	}
}

// What scripts make of an answer of ours is what they make of Portage's.
func TestFlatcarFragments(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bench, err := recorded.NewBench(sharedtest.Dir(t), resolvertest.TempDir(t), program, tumpline.Applets())
	if err != nil {
		t.Fatal(err)
	}
	list := records(t)
	answers := make(map[string]string)
	for _, f := range fragments(t) {
		t.Run(f.name, func(t *testing.T) {
			at := slices.IndexFunc(list, func(r *recorded.Record) bool { return r.ID == f.record })
			if at < 0 {
				t.Fatalf("there is no record %s", f.record)
			}
			ours, known := answers[f.record]
			if !known {
				out, err := bench.Call(t.Context(), list[at])
				if err != nil {
					t.Fatal(err)
				}
				ours = string(out.Stdout)
				answers[f.record] = ours
			}
			want, got := f.apply(t, list[at].Expected()), f.apply(t, ours)
			if want == "" {
				t.Fatal("the script finds nothing in Portage's answer")
			}
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s: the script finds something else (-Portage's +ours):\n%s", f.record, diff)
			}
		})
	}
}

// apply has bash read a text with the fragment.
func (f *fragment) apply(t *testing.T, text string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/bin/bash", "-c", f.script)
	cmd.Stdin, cmd.Env = strings.NewReader(text), []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	out, err := cmd.Output()
	if err != nil {
		return fmt.Sprintf("%s%v", out, err)
	}
	return string(out)
}
