package confine_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// watch makes an attempt and returns what was told about paths below dir, and
// what became of it. Calls on names with "refused" are refused, those on
// "other" get a file of other text.
func watch(t *testing.T, p confine.Policy, dir string, args ...string) (told []string, got string) {
	t.Helper()
	cmd, err := confine.Command(t.Context(), p, append([]string{self(), "attempt"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Judge = func(a *confine.Access) confine.Answer {
		if a.Op == confine.OpSocket {
			told = append(told, a.Call)
			return confine.Answer{Errno: unix.ENETDOWN}
		}
		if !strings.HasPrefix(a.Target.Absolute, dir) {
			return confine.Answer{Continue: true}
		}
		text := a.Call + " " + strings.TrimPrefix(a.Target.Resolved, dir)
		if a.Other.Given != "" {
			text += " from " + strings.TrimPrefix(a.Other.Given, dir)
		}
		if !a.Target.Exists() {
			text += " new"
		}
		told = append(told, text)
		switch {
		case strings.Contains(text, "refused"):
			return confine.Answer{Errno: unix.EDOM}
		case strings.Contains(text, "other"):
			f, err := os.Open(filepath.Join(dir, "other", "file"))
			if err != nil {
				t.Error(err)
			}
			return confine.Answer{File: f, Exec: true}
		}
		return confine.Answer{Continue: true}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %v %s", args, err, out)
	}
	return told, strings.TrimSpace(string(out))
}

func TestWatch(t *testing.T) {
	needs(t, everyPart()...)
	const all = confine.WatchReads | confine.WatchWrites | confine.WatchExec | confine.WatchSockets
	for _, c := range []struct {
		watch confine.Watch
		try   string
		told  []string
		want  string
	}{
		{confine.WatchWrites, "read %d/given/file", nil, "ok text of given"},
		{confine.WatchReads, "read %d/given/file", []string{"openat /given/file"}, "ok text of given"},
		{confine.WatchReads, "read %d/given/../given/./file", []string{"openat /given/file"}, "ok text of given"},
		{confine.WatchReads, "read %d/given/refused", []string{"openat /given/refused new"}, "EDOM"},
		{confine.WatchReads, "read %d/written/link", []string{"openat /other/file"}, "ok text of other"},
		{confine.WatchWrites, "write %d/written/new", []string{"openat /written/new new"}, "ok"},
		{confine.WatchWrites, "write %d/given/new", []string{"openat /given/new new"}, "EROFS"},
		{confine.WatchWrites, "write %d/missing/new", []string{"openat /missing/new new"}, "ENOENT"},
		{confine.WatchWrites, "rename %d/written/file %d/written/new", []string{"renameat /written/new from /written/file new"}, "ok"},
		{confine.WatchWrites, "symlink to %d/written/new", []string{"symlinkat /written/new from to new"}, "ok"},
		{confine.WatchWrites, "mkdir %d/written/refused", []string{"mkdirat /written/refused new"}, "EDOM"},
		{confine.WatchWrites, "remove %d/written/link", []string{"unlinkat /written/link"}, "ok"},
		{confine.WatchWrites, "chmod %d/given/file", []string{"fchmodat /given/file"}, "EROFS"},
		{all, "socket 1", []string{"socket"}, "ENETDOWN"},
		{all, "exec %d/given/refused", []string{"execve /given/refused new"}, "EDOM"},
	} {
		dir := files(t)
		p := attemptPolicy()
		p.Read = []string{filepath.Join(dir, "given"), filepath.Join(dir, "other")}
		p.Write = []string{filepath.Join(dir, "written")}
		p.Watch = c.watch
		told, got := watch(t, p, dir, strings.Split(strings.ReplaceAll(c.try, "%d", dir), " ")...)
		if got != c.want || !reflect.DeepEqual(told, c.told) {
			t.Errorf("watching %d: %s: %s, told %q\nwant %s, told %q", c.watch, c.try, got, told, c.want, c.told)
		}
	}
}

func BenchmarkWatchedOpen(b *testing.B) {
	needs(b, everyPart()...)
	for name, watch := range map[string]confine.Watch{"without": 0, "with": confine.WatchWrites} {
		b.Run(name, func(b *testing.B) {
			dir := files(b)
			p := shellPolicy(b)
			p.Write = []string{filepath.Join(dir, "written")}
			p.Watch, p.Dir = watch, filepath.Join(dir, "written")
			for b.Loop() {
				cmd, err := confine.Command(b.Context(), p, bash(b), "-c", `for ((i = 0; i < 20000; i++)); do : > f$i; done`)
				if err != nil {
					b.Fatal(err)
				}
				cmd.Judge = func(*confine.Access) confine.Answer { return confine.Answer{Continue: true} }
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatal(err, string(out))
				}
			}
		})
	}
}
