package render_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
)

var escapes = regexp.MustCompile("\x1b[^m]+m")

// TestColoursOnly wants colours to change nothing but colours: without them
// the text is the plain one. Lines of marks may be longer.
func TestColoursOnly(t *testing.T) {
	rec := readRecording(t, "testdata", "display.json.gz")
	show := func(c *recordedCase, theme *render.Theme) string {
		var b strings.Builder
		o := c.Options.options()
		o.Theme = theme
		if err := render.Text(&b, &b, c.Report.report(), o); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	marks := regexp.MustCompile(`(?m)^([ ^]*?) *$`)
	for i := range rec.Cases {
		c := &rec.Cases[i]
		plain, coloured := show(c, nil), show(c, render.NewTheme())
		if strings.Contains(plain, "\x1b") {
			t.Errorf("%s: escape sequences without a theme", c.Name)
		}
		stripped := escapes.ReplaceAllString(coloured, "")
		if plain, stripped = marks.ReplaceAllString(plain, "$1"), marks.ReplaceAllString(stripped, "$1"); plain != stripped {
			t.Errorf("%s:%s", c.Name, diff("text", stripped, plain))
		}
		if len(c.Out) > 0 && c.Options.Color != strings.Contains(c.Out+c.Err, "\x1b") && strings.Contains(c.Out, "[") {
			t.Errorf("%s: colour in the recording: %v", c.Name, !c.Options.Color)
		}
	}
}

// TestTwice wants the same report to give the same text, and to stay as it is.
func TestTwice(t *testing.T) {
	rec := readRecording(t, "testdata", "display.json.gz")
	for i := range rec.Cases {
		c := &rec.Cases[i]
		report := c.Report.report()
		var first, second strings.Builder
		for _, b := range []*strings.Builder{&first, &second} {
			if err := render.Text(b, b, report, c.Options.options()); err != nil {
				t.Fatal(err)
			}
		}
		if first.String() != second.String() {
			t.Errorf("%s:%s", c.Name, diff("text", second.String(), first.String()))
		}
	}
}

// flatcarLine is what Flatcar's pkg_auto takes for a package line of
// emerge --pretend --columns --verbose.
var flatcarLine = regexp.MustCompile(`^\[[^]]*]\s+(\S*)\s+\[([^]]+)::([^]]+)]` +
	`(?:\s+\[([^]]+)::([^]]+)])?(?:\s+to\s+(\S+))?((?:\s*[A-Za-z0-9_]*="[^"]*")*)\s+[0-9]+\s*[A-Za-z]*B$`)

// TestFlatcarColumns prints the corpus with --columns --verbose: every line is
// one that the scripts understand, and says what the answer says.
func TestFlatcarColumns(t *testing.T) {
	c := &corpus{t: t, dir: sharedtest.Path(t, "corpus", "flatcar"), states: map[string]map[string]map[string]string{}}
	lines := 0
	for _, a := range c.answers() {
		if a.Resolve == nil || len(a.Resolve.Mergelist) == 0 {
			continue
		}
		r, _ := c.report(a)
		text := render.List(r.List, nil, render.Options{Columns: true, Verbose: true})
		list, totals, ok := strings.Cut(text, "\n\nTotal: ")
		if !ok || !strings.HasSuffix(totals, " KiB\n") {
			t.Errorf("%s: totals %q", a.Request.ID, totals)
		}
		for i, line := range strings.Split(list, "\n") {
			lines++
			m := flatcarLine.FindStringSubmatch(line)
			if m == nil {
				t.Errorf("%s: not understood: %q", a.Request.ID, line)
				continue
			}
			want := r.List[i].(*render.Package)
			root := want.Root.Root
			if root == "/" {
				root = ""
			}
			version, _, _ := strings.Cut(m[2], ":")
			if m[1] != want.CP || version != strings.TrimSuffix(want.Version, "-r0") || m[3] != want.Repo || m[6] != root {
				t.Errorf("%s: %q says %q", a.Request.ID, line, m[1:7])
			}
		}
	}
	t.Logf("%d lines", lines)
}

// FuzzList writes lists of two odd packages in every form: it never panics,
// takes no more lines than it should, and colours change nothing but colours.
func FuzzList(f *testing.F) {
	f.Add("app/a", "1.0-r0", "0", "1", "repo", "a b foo_c", "a", 130, uint16(0), int64(1024))
	f.Add("app/ü", "1", "0", "0", "", "x2 x10 x", "", -1, uint16(0x1ff), int64(-1))
	f.Add("", "", "", "", "", "", "", 1<<30, uint16(0x2a5), int64(1)<<62)
	f.Add("a/b", "2", "1", "1", "r", "f", "f", 0, uint16(0x400), int64(0))
	f.Fuzz(func(t *testing.T, cp, version, slot, subslot, repo, iuse, use string, width int, bits uint16, bytes int64) {
		if strings.ContainsAny(cp+version+slot+subslot+repo+iuse+use, "\n\x1b") {
			return
		}
		root := &render.Root{Root: "/", UseExpand: []string{"FOO"}}
		if bits&1 != 0 {
			root = &render.Root{Root: "/r/", ERoot: "/r/e/", UseExpandHidden: []string{"foo"}}
		}
		status := []plan.Status{plan.StatusNew, plan.StatusNewSlot, plan.StatusUpdate, plan.StatusDowngrade, plan.StatusReinstall, ""}[bits>>4%6]
		p := &render.Package{CP: cp, Version: version, Slot: slot, Subslot: subslot, Repo: repo, Origin: plan.OriginBinary, BuildID: int(bits % 3),
			Root: root, Status: status, IUSE: strings.Fields(iuse), USE: strings.Fields(use), Fixed: strings.Fields(use),
			Files: []render.File{{Name: cp, Bytes: bytes}}}
		q := *p
		q.Old = []render.Old{{Version: version, Slot: subslot, Subslot: slot, Repo: repo, IUSE: strings.Fields(use)}}
		q.Operation = render.Operation(bits >> 8 % 3)
		items := []render.Item{p, &q, &render.Blocker{Atom: cp, Satisfied: bits&2 != 0, Blocking: []*render.Package{p, &q}}}
		o := render.Options{ColumnWidth: width, Quiet: bits&4 != 0, Verbose: bits&8 != 0, Columns: bits&16 != 0,
			Alphabetical: bits&32 != 0, QuietRepos: bits&64 != 0}
		text := render.List(items, nil, o)
		if got := strings.Count(text, "\n"); got > 9 {
			t.Errorf("%d lines:\n%s", got, text)
		}
		o.Theme = render.NewTheme()
		if got := escapes.ReplaceAllString(render.List(items, nil, o), ""); got != text {
			t.Errorf("with colours:%s", diff("text", got, text))
		}
		o.Theme = nil
		if strings.Contains(p.String(), "\n") || !strings.HasPrefix(p.String(), "(") {
			t.Errorf("name %q", p)
		}
	})
}

// FuzzMark marks parts of anything that may be an atom.
func FuzzMark(f *testing.F) {
	f.Add(">=app/a-1:0/1=[x,-y,z(+)?]", "app/a", ">=", "1", ":0/1=", "x", uint8(15))
	f.Add("app/a:=", "app/a", "", "", ":=", "", uint8(7))
	f.Add("][", "]", "[", "[", "]", "", uint8(255))
	f.Fuzz(func(t *testing.T, text, cp, op, version, slot, flag string, bits uint8) {
		if strings.ContainsAny(text+cp+op+version+slot+flag, "\n\x1b") {
			return
		}
		a := render.AtomText{Text: text, CP: cp, Operator: op, Version: version, Slot: slot, BadCP: bits&1 != 0,
			BadVersion: bits&2 != 0, BadSlot: bits&4 != 0, BadUse: []string{flag}, Soname: bits&8 != 0}
		p := &render.Package{CP: "a/b", Version: "1"}
		parents := []render.ConflictParent{{Parent: render.Parent{Package: p}, Atom: a}}
		show := func(o render.Options) string {
			s := render.SlotConflicts{Conflicts: []render.SlotConflict{{Packages: []render.ConflictPackage{{Package: p, Parents: parents}}}}}
			k := render.Skipped{Conflicts: []render.SkippedConflict{{Package: p, Parents: parents}}}
			return s.Text(o) + k.Text(o)
		}
		plain := show(render.Options{})
		if text != "" && !strings.Contains(plain, text+" required by ") {
			t.Errorf("the atom is not shown in\n%s", plain)
		}
		show(render.Options{Theme: render.NewTheme()})
	})
}

// TestOrderOfInput wants the order of flags in the input not to matter.
func TestOrderOfInput(t *testing.T) {
	flags := strings.Fields("x11 x2 X b-c foo_b foo_a2 foo_a10 a")
	make := func() string {
		p := &render.Package{CP: "a/b", Version: "1", Slot: "0", Subslot: "0", Origin: plan.OriginEbuild, Status: plan.StatusNew,
			Root: &render.Root{Root: "/", UseExpand: []string{"FOO"}}, IUSE: flags, USE: []string{"a", "foo_a10"}}
		return render.List([]render.Item{p}, nil, render.Options{}) + p.String()
	}
	want := make()
	if !strings.Contains(want, `USE="a -X -b-c -x2 -x11" FOO="a10 -a2 -b"`) {
		t.Errorf("list %q", want)
	}
	slices.Reverse(flags)
	if got := make(); got != want {
		t.Errorf("reversed: %q, want %q", got, want)
	}
}

// BenchmarkList writes the list of the largest recorded answer.
func BenchmarkList(b *testing.B) {
	c := &corpus{t: b, dir: sharedtest.Path(b, "corpus", "flatcar"), states: map[string]map[string]map[string]string{}}
	var r *render.Report
	for _, a := range c.answers() {
		if a.Request.ID == "amd64-usr-opt-emptytree-board" {
			r, _ = c.report(a)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		render.List(r.List, nil, render.Options{Verbose: true})
	}
	b.ReportMetric(float64(len(r.List)), "lines/op")
}
