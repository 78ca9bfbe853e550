package livefs_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/livefs"
)

// What the crash tests merge, replace and remove: files that stay, go, come and
// change, whole new trees, links, second names, a folder that becomes a link, a
// protected file, and a library folder behind a link.
var (
	first = pkg{cpv: "app-misc/thing-1", image: `
usr/bin/thing 4755 = one
usr/bin/alias => usr/bin/thing
usr/bin/link -> thing
usr/share/thing/same = same
usr/share/thing/old = old
usr/share/thing/deep/er/x = x
usr/share/gone/only = gone
lib/libthing.so.1 = library
etc/thing.conf = one
etc/plain.conf = one
var/lib/thing/ 0700
run/thing |
`}
	second = pkg{cpv: "app-misc/thing-2", age: 100, image: `
usr/bin/thing 4755 = two
usr/bin/alias => usr/bin/thing
usr/bin/link -> thing2
usr/share/thing/same = same
usr/share/thing/new = new
usr/share/fresh/a/b/c = c
usr/share/fresh/a/d -> b
lib/libthing.so.2 = library two
etc/thing.conf = two
etc/plain.conf = two
`}
	again = pkg{cpv: "app-misc/thing-1", age: 50, image: `
usr/bin/thing 0755 = one again
usr/share/thing/same = same
usr/share/newer/x = x
etc/thing.conf = again
`}
)

// base makes the root that every crash test starts from.
func base(t testing.TB, root string) {
	t.Helper()
	lay(t, root, `
usr/lib64/
usr/bin/
usr/share/
lib -> usr/lib64
etc/keep.conf = mine
etc/env.d/
var/db/pkg/
var/lib/portage/world = app-misc/other
var/lib/portage/config = /etc/nothing 00
var/lib/portage/world_sets = @none
var/lib/portage/preserved_libs_registry = {}
var/cache/edb/
run/
tmp/
`, 0)
}

// A crash is what a fault panics with.
type crash struct{}

// faulty gives options whose n-th fault point, counted from 1, is a crash; and the
// number of points passed.
func faulty(o livefs.Options, n int) (livefs.Options, *int) {
	count := 0
	o.Fault = func(string) {
		if count++; count == n {
			panic(crash{})
		}
	}
	return o, &count
}

// An action changes a root.
type action struct {
	name  string
	setup []pkg
	edit  func(t testing.TB, root string)
	run   func(t testing.TB, root string, o livefs.Options) error
}

func merging(p pkg) func(t testing.TB, root string, o livefs.Options) error {
	return func(t testing.TB, root string, o livefs.Options) error {
		o.World.Add = []string{"app-misc/thing"}
		_, err := merge(t, root, p, o)
		return err
	}
}

func consuming(p pkg) func(t testing.TB, root string, o livefs.Options) error {
	return func(t testing.TB, root string, o livefs.Options) error {
		image, entry := p.make(t, scratch(t))
		image.Use = livefs.Consume
		_, err := livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, o)
		return err
	}
}

func actions() []action {
	edit := func(t testing.TB, root string) {
		if err := os.WriteFile(filepath.Join(root, "etc/thing.conf"), []byte("edited\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return []action{
		{"merge", nil, nil, merging(first)},
		{"replacement", []pkg{first}, edit, merging(second)},
		{"reinstallation", []pkg{first}, edit, merging(again)},
		{"replacement by a consumed image", []pkg{first}, edit, consuming(second)},
		{"unmerge", []pkg{first}, edit, func(t testing.TB, root string, o livefs.Options) error {
			o.World.Remove = []string{"app-misc/other"}
			_, err := livefs.Unmerge(t.Context(), livefs.Root{Dir: root}, cpv(t, first.cpv), o)
			return err
		}},
		{"undo of a replacement", []pkg{first, second}, nil, func(t testing.TB, root string, o livefs.Options) error {
			_, err := livefs.Undo(t.Context(), livefs.Root{Dir: root}, 0, journal.Careful, o)
			return err
		}},
		{"undo of a reinstallation", []pkg{first, again}, nil, func(t testing.TB, root string, o livefs.Options) error {
			_, err := livefs.Undo(t.Context(), livefs.Root{Dir: root}, 0, journal.Careful, o)
			return err
		}},
		{"undo of a merge", []pkg{first}, nil, func(t testing.TB, root string, o livefs.Options) error {
			_, err := livefs.Undo(t.Context(), livefs.Root{Dir: root}, 0, journal.Careful, o)
			return err
		}},
	}
}

// prepare makes the root before an action.
func (a action) prepare(t testing.TB, root string) {
	t.Helper()
	base(t, root)
	for _, p := range a.setup {
		mustMerge(t, root, p, options())
	}
	if a.edit != nil {
		a.edit(t, root)
	}
}

// copyTree copies a root with everything in it.
func copyTree(t testing.TB, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// After a crash before any change, or at any record, the next run finds the old state
// or makes the new one.
func TestCrashVectors(t *testing.T) {
	total := 0
	for _, a := range actions() {
		t.Run(a.name, func(t *testing.T) {
			top := scratch(t)
			a.prepare(t, filepath.Join(top, "start"))
			before := show(t, filepath.Join(top, "start"))
			copyTree(t, filepath.Join(top, "start"), filepath.Join(top, "whole"))
			o, points := faulty(options(), 0)
			if err := a.run(t, filepath.Join(top, "whole"), o); err != nil {
				t.Fatal(err)
			}
			after := show(t, filepath.Join(top, "whole"))
			if before == after {
				t.Fatal("nothing was changed")
			}
			forward := 0
			for n := 1; n <= *points; n++ {
				root := filepath.Join(top, "root")
				copyTree(t, filepath.Join(top, "start"), root)
				crashAt(t, a, root, n)
				got := show(t, root)
				switch got {
				case before:
				case after:
					forward++
				default:
					t.Fatalf("crash at point %d: mixed state\n%s", n, difference(before, after, got))
				}
				if err := os.RemoveAll(root); err != nil {
					t.Fatal(err)
				}
			}
			if forward == 0 || forward == *points {
				t.Errorf("%d of %d crashes led forward", forward, *points)
			}
			total += *points
		})
	}
	if !t.Failed() {
		t.Logf("figure: crash-points %d whole of %d (every change and record of merge, replacement, unmerge, undo)", total, total)
	}
}

// crashAt runs an action up to a crash, and recovers; the recovery crashes too, once
// at each of its points, until one goes through.
func crashAt(t *testing.T, a action, root string, n int) {
	t.Helper()
	o, _ := faulty(options(), n)
	if !crashes(func() { _ = a.run(t, root, o) }) {
		t.Fatalf("no crash at point %d", n)
	}
	step := 1
	if n%7 != 0 {
		step = 1000 // recovery is crashed for some points only, it is slow
	}
	for at := step; ; at += step {
		o, _ := faulty(options(), at)
		var err error
		if !crashes(func() { _, err = livefs.Recover(context.Background(), livefs.Root{Dir: root}, o) }) {
			if err != nil {
				t.Fatalf("recover from point %d: %v", n, err)
			}
			return
		}
	}
}

// crashes says if do crashed.
func crashes(do func()) (crashed bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			crashed = true
		}
	}()
	do()
	return false
}

// difference lists lines that are in neither of two trees, or missing from both.
func difference(before, after, got string) string {
	set := func(s string) map[string]bool {
		m := make(map[string]bool)
		for _, l := range splitLines(s) {
			m[l] = true
		}
		return m
	}
	b, a, g := set(before), set(after), set(got)
	out := ""
	for _, l := range splitLines(got) {
		if !b[l] || !a[l] {
			out += "has " + l + map[bool]string{true: " (old)"}[b[l]] + map[bool]string{true: " (new)"}[a[l]] + "\n"
		}
	}
	for _, l := range append(splitLines(before), splitLines(after)...) {
		if !g[l] {
			out += "lacks " + l + "\n"
		}
	}
	return out
}
