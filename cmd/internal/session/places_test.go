package session_test

import (
	"testing"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
)

func TestPlaces(t *testing.T) {
	type vars = map[string]string
	word := func(s string) *string { return &s }
	env := cli.Env{Dir: "/here"}
	for _, c := range []struct {
		name string
		o    session.Options
		want session.Places
	}{
		{"nothing said", session.Options{},
			session.Places{Target: "", Config: "/", Sysroot: "/", Build: "/"}},
		{"a board's wrapper", session.Options{Vars: vars{"ROOT": "/build/b/", "SYSROOT": "/build/b", "PORTAGE_CONFIGROOT": "/build/b"}},
			session.Places{Target: "/build/b", Config: "/build/b", Sysroot: "/build/b", Build: "/"}},
		{"options are stronger, and empty ones are /", session.Options{
			Vars: vars{"ROOT": "/build/b", "SYSROOT": "/build/b", "PORTAGE_CONFIGROOT": "/build/b"},
			Root: word(""), Sysroot: word(""), ConfigRoot: word("")},
			session.Places{Target: "/", Config: "/", Sysroot: "/", Build: "/"}},
		{"the build root is moved", session.Options{BuildRoot: "sdk"},
			session.Places{Target: "", Config: "/here/sdk", Sysroot: "/here/sdk", Build: "/here/sdk"}},
		{"and / is the moved one", session.Options{BuildRoot: "/sdk", Vars: vars{"ROOT": "/", "SYSROOT": "/"}, ConfigRoot: word("board")},
			session.Places{Target: "/sdk", Config: "/here/board", Sysroot: "/sdk", Build: "/sdk"}},
		{"a prefix", session.Options{Prefix: word("opt//x/")},
			session.Places{Target: "", Config: "/", Sysroot: "/", Build: "/", EPrefix: "/opt/x"}},
		{"a root of blanks and dots", session.Options{Root: word("./a/..")},
			session.Places{Target: "/here", Config: "/", Sysroot: "/", Build: "/"}},
	} {
		c.o.Abs = env.Abs
		if got := c.o.Places(); got != c.want {
			t.Errorf("%s: %+v\n got %+v\nwant %+v", c.name, c.o.Vars, got, c.want)
		}
	}
}

func TestCacheDir(t *testing.T) {
	for _, c := range []struct {
		vars map[string]string
		want string
	}{
		{map[string]string{}, ""},
		{map[string]string{"HOME": "/h"}, "/h/.cache/tumpline"},
		{map[string]string{"HOME": "/h", "XDG_CACHE_HOME": "/c"}, "/c/tumpline"},
		{map[string]string{"HOME": "/h", "XDG_CACHE_HOME": "relative"}, "/h/.cache/tumpline"},
		{map[string]string{"HOME": "/h", "TUMPLINE_CACHE_DIR": "/t"}, "/t"},
	} {
		if got := session.CacheDir(c.vars); got != c.want {
			t.Errorf("CacheDir(%v) = %q, want %q", c.vars, got, c.want)
		}
	}
}
