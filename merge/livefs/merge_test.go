package livefs_test

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge/envupdate"
	"github.com/tumpline/tumpline/merge/journal"
	"github.com/tumpline/tumpline/merge/livefs"
	"github.com/tumpline/tumpline/profiles/installmask"
)

func splitLines(s string) []string { return strings.Split(s, "\n") }

// newRoot lays the usual root.
func newRoot(t testing.TB) string {
	root := filepath.Join(scratch(t), "root")
	base(t, root)
	return root
}

func read(t testing.TB, elems ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elems...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, text string, elems ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(elems...), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func exists(elems ...string) bool {
	_, err := os.Lstat(filepath.Join(elems...))
	return err == nil
}

func unmerge(t testing.TB, root, name string, o livefs.Options) *livefs.Result {
	t.Helper()
	r, err := livefs.Unmerge(t.Context(), livefs.Root{Dir: root}, cpv(t, name), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Problems {
		t.Error(p)
	}
	return r
}

func TestCollisions(t *testing.T) {
	other := pkg{cpv: "app-misc/other-3", image: "usr/bin/tool = other\nusr/lib64/dir/x = x"}
	for _, c := range []struct {
		name, image string
		features    string
		want        string // part of the error; "" for none
	}{
		{"owned", "usr/bin/tool = mine", "protect-owned", "/usr/bin/tool of app-misc/other-3:0::test"},
		{"owned, not asked", "usr/bin/tool = mine", "", ""},
		{"owned by way of a link", "lib/dir/x = mine", "protect-owned", "/usr/lib64/dir/x of app-misc/other-3"},
		{"nobody's", "usr/bin/stray = mine", "protect-owned", ""},
		{"nobody's, all protected", "usr/bin/stray = mine", "collision-protect", "/usr/bin/stray"},
		{"ignored", "usr/bin/ignored = mine", "collision-protect", ""},
		{"link over a folder", "usr/lib64 -> elsewhere", "", "a link over a folder"},
		{"two that differ", "lib/a = 1\nusr/lib64/a = 2", "", "differ"},
		{"two that agree", "lib/a = 1\nusr/lib64/a = 1", "", ""},
		{"protected", "etc/keep.conf = other", "collision-protect", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := newRoot(t)
			lay(t, root, "usr/bin/stray = stray\nusr/bin/ignored = x", 0)
			mustMerge(t, root, other, options())
			before := show(t, root)
			o := options()
			o.CollisionIgnore = []string{"*/ignored"}
			o.Features = map[string]bool{c.features: true}
			_, err := merge(t, root, pkg{cpv: "app-misc/thing-1", image: c.image}, o)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			if got := show(t, root); got != before {
				t.Errorf("the root changed:\n%s", difference(before, before, got))
			}
		})
	}
}

func TestInstallMask(t *testing.T) {
	root := newRoot(t)
	o := options()
	o.InstallMask = installmask.Parse("/usr/share/doc *.la -/usr/share/doc/keep.la")
	r := mustMerge(t, root, pkg{cpv: "a/b-1", image: "usr/share/doc/x = x\nusr/share/doc/keep.la = k\nusr/lib64/b.la = la\nusr/lib64/b.so = so"}, o)
	for name, want := range map[string]bool{"usr/share/doc/x": false, "usr/share/doc/keep.la": true, "usr/lib64/b.la": false, "usr/lib64/b.so": true} {
		if exists(root, name) != want {
			t.Errorf("%s: there: %v, want %v", name, !want, want)
		}
	}
	for _, c := range r.Contents {
		if strings.HasSuffix(c.Path, "b.la") {
			t.Error("CONTENTS has what is masked")
		}
	}
}

func TestLinksStayInsideTheRoot(t *testing.T) {
	root := newRoot(t)
	outside := filepath.Join(filepath.Dir(root), "outside")
	lay(t, outside, "x = x", 0)
	lay(t, root, "opt -> "+outside+"\nsrv -> /usr/share\nup -> ../../../usr/share", 0)
	mustMerge(t, root, pkg{cpv: "a/b-1", image: "opt/file = 1\nsrv/file = 2\nup/more = 3"}, options())
	if exists(outside, "file") {
		t.Error("a file was put outside the root")
	}
	for _, name := range []string{"usr/share/file", "usr/share/more"} {
		if !exists(root, name) {
			t.Errorf("no %s", name)
		}
	}
	unmerge(t, root, "a/b-1", options())
	if exists(root, "usr/share/file") || !exists(outside, "x") {
		t.Error("not removed through the link, or something else was")
	}
}

// library returns a little ELF library.
func library(t *testing.T, soname string, needed ...string) string {
	t.Helper()
	names := "\x00"
	var dynamic []elf.Dyn64
	tag := func(tag elf.DynTag, text string) {
		dynamic = append(dynamic, elf.Dyn64{Tag: int64(tag), Val: uint64(len(names))})
		names += text + "\x00"
	}
	tag(elf.DT_SONAME, soname)
	for _, n := range needed {
		tag(elf.DT_NEEDED, n)
	}
	dynamic = append(dynamic, elf.Dyn64{})
	const head = 64
	at, size := uint64(head+len(names)), uint64(16*len(dynamic))
	header := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1, Shoff: at + size, Ehsize: head, Shentsize: 64, Shnum: 3, Shstrndx: 1}
	copy(header.Ident[:], "\x7fELF\x02\x01\x01")
	var out bytes.Buffer
	for _, part := range []any{header, []byte(names), dynamic, elf.Section64{},
		elf.Section64{Type: uint32(elf.SHT_STRTAB), Off: head, Size: uint64(len(names))},
		elf.Section64{Type: uint32(elf.SHT_DYNAMIC), Off: at, Size: size, Link: 1, Entsize: 16},
	} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// A library stays as long as a program needs it, and goes with the last one.
func TestPreservedLibraries(t *testing.T) {
	root := newRoot(t)
	write(t, "/usr/lib64\n", root, "etc/ld.so.conf")
	put := func(cpv, needed string, files map[string]string, links string) *livefs.Result {
		t.Helper()
		dir := scratch(t)
		p := pkg{cpv: cpv, image: links, needed: needed}
		image, entry := p.make(t, dir)
		for name, text := range files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(image.Dir, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, text, image.Dir, name)
		}
		r, err := livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, options())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	put("dev-libs/foo-1", "X86_64;/usr/lib64/libfoo.so.1.0;libfoo.so.1;;libbar.so.1;x86_64\nX86_64;/usr/lib64/libbar.so.1;libbar.so.1;;;x86_64\n",
		map[string]string{"usr/lib64/libfoo.so.1.0": library(t, "libfoo.so.1", "libbar.so.1"), "usr/lib64/libbar.so.1": library(t, "libbar.so.1")},
		"usr/lib64/libfoo.so.1 -> libfoo.so.1.0\nusr/lib64/libfoo.so -> libfoo.so.1")
	put("app-misc/user-1", "X86_64;/usr/bin/user;;;libfoo.so.1;x86_64\n", nil, "usr/bin/user = u")
	r := put("dev-libs/foo-2", "X86_64;/usr/lib64/libfoo.so.2.0;libfoo.so.2;;;x86_64\n",
		map[string]string{"usr/lib64/libfoo.so.2.0": library(t, "libfoo.so.2")}, "usr/lib64/libfoo.so -> libfoo.so.2.0")
	want := []string{"/usr/lib64/libbar.so.1", "/usr/lib64/libfoo.so.1.0", "/usr/lib64/libfoo.so.1"}
	if !slices.Equal(r.Preserved, want) {
		t.Errorf("preserved %q, want %q", r.Preserved, want)
	}
	for _, name := range want {
		if !exists(root, name) {
			t.Errorf("%s is gone", name)
		}
	}
	if text := read(t, root, "var/db/pkg/dev-libs/foo-2/CONTENTS"); !strings.Contains(text, "obj /usr/lib64/libfoo.so.1.0 ") {
		t.Errorf("the new entry does not own the library: %s", text)
	}
	if text := read(t, root, "var/lib/portage/preserved_libs_registry"); !strings.HasPrefix(text, "{\n\t\"dev-libs/foo:0\": [\n\t\t\"dev-libs/foo-2\",\n") {
		t.Errorf("registry: %s", text)
	}
	put("app-misc/user-2", "X86_64;/usr/bin/user;;;libfoo.so.2;x86_64\n", nil, "usr/bin/user = u2")
	for _, name := range want {
		if exists(root, name) {
			t.Errorf("%s is still there", name)
		}
	}
	if text := read(t, root, "var/lib/portage/preserved_libs_registry"); text != "{}" {
		t.Errorf("registry: %s", text)
	}
	if text := read(t, root, "var/db/pkg/dev-libs/foo-2/CONTENTS"); strings.Contains(text, "so.1") {
		t.Errorf("the entry still owns the library: %s", text)
	}
}

func TestScriptsInOrder(t *testing.T) {
	root := newRoot(t)
	var got []string
	o := options()
	o.Scripts = func(_ context.Context, c livefs.Call) error {
		line := c.Phase.String() + " " + c.CPV.String()
		if c.Entry != "" && !exists(c.Entry, "CONTENTS") {
			t.Errorf("%s: no entry at %s", line, c.Entry)
		}
		got = append(got, line)
		return nil
	}
	mustMerge(t, root, first, o)
	mustMerge(t, root, second, o)
	mustMerge(t, root, second, o)
	unmerge(t, root, second.cpv, o)
	want := []string{"pkg_preinst app-misc/thing-1", "pkg_postinst app-misc/thing-1",
		"pkg_preinst app-misc/thing-2", "pkg_prerm app-misc/thing-1", "pkg_postrm app-misc/thing-1", "pkg_postinst app-misc/thing-2",
		"pkg_preinst app-misc/thing-2", "pkg_prerm app-misc/thing-2", "pkg_postrm app-misc/thing-2", "pkg_postinst app-misc/thing-2",
		"pkg_prerm app-misc/thing-2", "pkg_postrm app-misc/thing-2"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A script that fails before anything is changed ends the merge.
func TestFailedPreinst(t *testing.T) {
	root := newRoot(t)
	before := show(t, root)
	o := options()
	o.Scripts = func(context.Context, livefs.Call) error { return errors.New("no") }
	if _, err := merge(t, root, first, o); err == nil {
		t.Fatal("merged")
	}
	if got := show(t, root); got != before {
		t.Error(difference(before, before, got))
	}
}

func TestLockNamesItsHolder(t *testing.T) {
	root := newRoot(t)
	o := options()
	o.Scripts = func(context.Context, livefs.Call) error {
		_, err := livefs.Unmerge(t.Context(), livefs.Root{Dir: root}, cpv(t, "a/b-1"), options())
		var locked *journal.LockedError
		if !errors.As(err, &locked) || locked.Holder != "the test" || !errors.Is(err, atomicfile.ErrLocked) {
			t.Errorf("got %v", err)
		}
		return nil
	}
	mustMerge(t, root, first, o)
}

func TestHistoryAndUndo(t *testing.T) {
	root := newRoot(t)
	before := show(t, root)
	mustMerge(t, root, first, options())
	one := show(t, root)
	mustMerge(t, root, second, options())
	list, err := livefs.History(livefs.Root{Dir: root})
	if err != nil || len(list) != 2 || list[1].Title != "merge app-misc/thing-2" || list[1].State != journal.Done || !list[0].Pruned {
		t.Fatalf("history %v, %v", list, err)
	}
	write(t, "edited\n", root, "usr/share/thing/new")
	var changed *journal.ChangedError
	if _, err := livefs.Undo(t.Context(), livefs.Root{Dir: root}, 0, journal.Careful, options()); !errors.As(err, &changed) || !slices.Equal(changed.Paths, []string{"/usr/share/thing/new"}) {
		t.Fatalf("undo over a change: %v", err)
	}
	if _, err := livefs.Undo(t.Context(), livefs.Root{Dir: root}, 1, journal.Careful, options()); !errors.Is(err, journal.ErrNotLast) {
		t.Fatalf("undo of the first: %v", err)
	}
	if _, err := livefs.Undo(t.Context(), livefs.Root{Dir: root}, 2, journal.Forced, options()); err != nil {
		t.Fatal(err)
	}
	if got := show(t, root); got != one {
		t.Error(difference(one, one, got))
	}
	if _, err := livefs.Undo(t.Context(), livefs.Root{Dir: root}, 0, journal.Careful, options()); !errors.Is(err, journal.ErrPruned) {
		t.Fatalf("undo of the first: %v", err)
	}
	_ = before
}

// A folder that a package made and in which somebody has put files stays when the
// merge is undone, with these.
func TestUndoLeavesFilesOfOthers(t *testing.T) {
	root := newRoot(t)
	mustMerge(t, root, first, options())
	write(t, "data\n", root, "var/lib/thing/data")
	if _, err := livefs.Undo(t.Context(), livefs.Root{Dir: root}, 0, journal.Careful, options()); err != nil {
		t.Fatal(err)
	}
	if !exists(root, "var/lib/thing/data") || exists(root, "usr/bin/thing") {
		t.Error("not what should be left")
	}
}

func TestEnvUpdateAfterMerge(t *testing.T) {
	root := newRoot(t)
	o := options()
	o.Env = &envupdate.Options{}
	mustMerge(t, root, pkg{cpv: "a/b-1", image: "etc/env.d/50b = LDPATH=\"/usr/lib64/b\""}, o)
	if text := read(t, root, "etc/ld.so.conf"); !strings.HasSuffix(text, "\n/usr/lib64/b\n") {
		t.Errorf("ld.so.conf: %s", text)
	}
}

// Without privileges the owners are written down.
func TestOwnersRecorded(t *testing.T) {
	root := newRoot(t)
	image, entry := pkg{cpv: "a/b-1", image: "usr/bin/b 0755 = b"}.make(t, scratch(t))
	image.Owners = map[string]livefs.Owner{"/usr/bin/b": {UID: 12, GID: 34, Mode: 0o104755}}
	o := options()
	o.Ownership = livefs.Record
	if _, err := livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, o); err != nil {
		t.Fatal(err)
	}
	if text := read(t, root, "var/db/pkg/a/b-1/OWNERSHIP"); !strings.Contains(text, "104755 12 34 0 /usr/bin/b\n") {
		t.Errorf("OWNERSHIP: %s", text)
	}
}

func TestBlockedPackageLosesItsFiles(t *testing.T) {
	root := newRoot(t)
	mustMerge(t, root, pkg{cpv: "a/old-1", image: "usr/bin/tool = old\nusr/bin/more = m"}, options())
	o := options()
	o.Blocked = []atoms.CPV{cpv(t, "a/old-1")}
	mustMerge(t, root, pkg{cpv: "a/new-1", image: "usr/bin/tool = new"}, o)
	if text := read(t, root, "var/db/pkg/a/old-1/CONTENTS"); strings.Contains(text, "/tool ") || !strings.Contains(text, "/more ") {
		t.Errorf("CONTENTS: %s", text)
	}
	unmerge(t, root, "a/old-1", options())
	if !exists(root, "usr/bin/tool") {
		t.Error("the file went with the blocked package")
	}
}
