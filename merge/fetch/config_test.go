package fetch_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/merge/fetch"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

func TestConfigured(t *testing.T) {
	root := profilestest.Playground{
		Profiles: map[string][]string{"thirdpartymirrors": {"gnu https://a/gnu https://b/gnu", "# nothing", "sf https://s", "bad"}},
		User: map[string][]string{
			"make.conf": {
				`DISTDIR="/d"`, `GENTOO_MIRRORS="https://m1 /m2"`, `PORTAGE_RO_DISTDIRS="/r1 '/r 2'"`, `FEATURES="force-mirror mirror -distlocks"`,
				`FETCHCOMMAND_HTTPS="curl -o \${FILE} \${URI}"`, `PORTAGE_FETCH_CHECKSUM_TRY_MIRRORS="none"`, `PORTAGE_FETCH_RESUME_MIN_SIZE="2M"`,
				`PORTAGE_CHECKSUM_FILTER="-* sha512"`,
			},
			"mirrors/one": {"local https://l1 /l2", "gnu https://u/gnu"},
			"mirrors/two": {"sf https://u/sf"},
		},
	}.Lay(t)
	s, problems := fetch.Configured(profilestest.Load(t, root))
	var told []string
	for _, p := range problems {
		told = append(told, strings.ReplaceAll(p.Error(), root, ""))
	}
	want := []string{
		`PORTAGE_FETCH_CHECKSUM_TRY_MIRRORS: "none" is no positive number; 5 is used`,
		`/repos/test_repo/profiles/thirdpartymirrors:4: expected a name and its mirrors: "bad"`,
	}
	if d := cmp.Diff(want, told); d != "" {
		t.Errorf("problems: -want +got\n%s", d)
	}
	got := map[string]any{
		"distdir": s.Distdir, "mirrors": s.Mirrors, "ro": s.ReadOnly, "custom": s.Custom, "third": s.ThirdParty,
		"force": s.ForceMirror, "mirror": s.MirrorMode, "locks": s.Locks, "resume": s.ResumeMin, "filter": s.Filter.Takes("BLAKE2B"),
	}
	if d := cmp.Diff(map[string]any{
		"distdir": "/d", "mirrors": []string{"https://m1", "/m2"}, "ro": []string{"/r1", "/r 2"},
		"custom": map[string][]string{"local": {"https://l1", "/l2"}, "gnu": {"https://u/gnu"}, "sf": {"https://u/sf"}},
		"third":  map[string][]string{"gnu": {"https://a/gnu", "https://b/gnu"}, "sf": {"https://s"}},
		"force":  true, "mirror": true, "locks": false, "resume": int64(2 << 20), "filter": false,
	}, got); d != "" {
		t.Errorf("settings: -want +got\n%s", d)
	}
	for name, set := range map[string]bool{"FETCHCOMMAND": false, "RESUMECOMMAND": false, "FETCHCOMMAND_SFTP": false, "FETCHCOMMAND_HTTPS": true} {
		if text, ok := s.Commands.Vars[name]; !ok || s.Commands.Set[name] != set || !strings.Contains(text, "${FILE}") {
			t.Errorf("%s = %q, set by the user: %v, want %v", name, text, s.Commands.Set[name], set)
		}
	}
}

// Later repositories come first, and take away what earlier ones gave.
func TestThirdParty(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"one": "m https://1 https://2\nn https://3\n", "two": "m https://4 https://1\nn -https://3 https://5\n"} {
		profilestest.Write(t, filepath.Join(dir, name, "profiles/thirdpartymirrors"), text)
	}
	config := openConfig(t, dir)
	got, problems := fetch.ThirdParty(config)
	want := map[string][]string{"m": {"https://4", "https://1", "https://2"}, "n": {"https://5", "https://3"}}
	if d := cmp.Diff(want, got); d != "" || len(problems) > 0 {
		t.Errorf("%v: -want +got\n%s", problems, d)
	}
}

func openConfig(t *testing.T, dir string) *repos.Config {
	t.Helper()
	text := "[DEFAULT]\nmain-repo = one\n"
	for _, name := range []string{"one", "two"} {
		profilestest.Write(t, filepath.Join(dir, name, "profiles/repo_name"), name+"\n")
		profilestest.Write(t, filepath.Join(dir, name, "metadata/layout.conf"), "masters =\n")
		text += "[" + name + "]\nlocation = " + filepath.Join(dir, name) + "\n"
	}
	return repos.Load(repos.Options{Text: &text})
}
