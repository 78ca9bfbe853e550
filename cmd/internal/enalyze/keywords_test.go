package enalyze

import "testing"

func TestOnly(t *testing.T) {
	for _, test := range []struct {
		name        string
		words, used []string
		want        string
		ok          bool
	}{
		{"nothing", nil, []string{"amd64"}, "", false},
		{"built for one", []string{"~x86", "arm64"}, []string{"x86", "nls"}, "x86", true},
		{"built for two", []string{"x86", "arm64"}, []string{"x86", "arm64"}, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := &keywordJudge{known: func(arch string) bool { return arch != "" }}
			got, ok := j.only(test.words, test.used)
			if got != test.want || ok != test.ok {
				t.Errorf("only = %q, %v, want %q, %v", got, ok, test.want, test.ok)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	plain, prefixed := &keywordJudge{own: "amd64"}, &keywordJudge{own: "amd64-linux", prefix: "linux"}
	for _, test := range []struct {
		j         *keywordJudge
		key, want string
	}{{plain, "amd64", "-amd64"}, {prefixed, "amd64-linux", "-amd64-linux"}, {prefixed, "x86", "x86-linux"}} {
		if got := test.j.missing(test.key); got != test.want {
			t.Errorf("missing(%q) = %q, want %q", test.key, got, test.want)
		}
	}
}
