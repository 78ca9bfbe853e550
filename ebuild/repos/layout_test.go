package repos_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/repos"
)

func TestReadLayout(t *testing.T) {
	dir := lay(t, `
-- metadata/layout.conf --
# comment
masters = gentoo  other
aliases=x
repo-name = my repo
thin-manifests = TRUE
sign-manifests = false
sign-commits = true
update-changelog = true
use-manifests = true
manifest-hashes = sha512 BLAKE2B
manifest-required-hashes = BLAKE2B
cache-formats = MD5-dict
eapis-banned = 0 1
eapis-deprecated = 6
properties-allowed = live
restrict-allowed =
profile-formats = portage-2 profile-default-eapi
profile_eapi_when_unspecified = 8
cache-format = md5-dict
allow-provide-virtuals = true
`)
	got, errs := repos.ReadLayout(dir)
	path := filepath.Join(dir, "metadata/layout.conf")
	want := repos.Layout{
		RepoName: "my-repo", Masters: []string{"gentoo", "other"}, Aliases: []string{"x"},
		ProfileFormats: []string{"portage-2", "profile-default-eapi"}, ProfileEAPI: "8",
		ThinManifests: true, SignCommits: true, UpdateChangelog: true, UseManifests: repos.ManifestTrue,
		ManifestHashes: []string{"BLAKE2B", "SHA512"}, ManifestRequiredHashes: []string{"BLAKE2B"},
		CacheFormats: []string{"md5-dict"}, EAPIsBanned: []string{"0", "1"}, EAPIsDeprecated: []string{"6"},
		PropertiesAllowed: []string{"live"}, RestrictAllowed: []string{},
		Unknown: []repos.Option{
			{Key: "allow-provide-virtuals", Value: "true", File: path, Line: 20},
			{Key: "cache-format", Value: "md5-dict", File: path, Line: 19},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(errs) > 0 {
		t.Errorf("ReadLayout (-want +got):\n%s%v", diff, errs)
	}
}

func TestReadLayoutDefaults(t *testing.T) {
	for _, c := range []struct {
		files   string
		formats []string
		caches  []string
	}{
		{"", []string{"portage-1-compat"}, nil},
		{"-- profiles/eapi --\n7\n", []string{"portage-1"}, nil},
		{"-- profiles/eapi --\n6\n", []string{"portage-1-compat"}, nil},
		{"-- metadata/md5-cache/a/b --\n", []string{"portage-1-compat"}, []string{"md5-dict"}},
	} {
		got, errs := repos.ReadLayout(lay(t, c.files))
		want := repos.Layout{SignManifests: true, ProfileFormats: c.formats, CacheFormats: c.caches}
		if diff := cmp.Diff(want, got); diff != "" || len(errs) > 0 {
			t.Errorf("ReadLayout of %q (-want +got):\n%s%v", c.files, diff, errs)
		}
	}
}

func TestReadLayoutProblems(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"masters\n", "metadata/layout.conf:1: expected \"key = value\": \"masters\"\n"},
		{"= x\n", "metadata/layout.conf:1: expected \"key = value\": \"= x\"\n"},
		{"profile-formats = portage-3\n", "metadata/layout.conf:1: unsupported profile format: \"portage-3\"\n"},
		{"profile_eapi_when_unspecified = 5\n", "metadata/layout.conf:1: profile_eapi_when_unspecified needs profile-default-eapi in profile-formats: \"5\"\n"},
		{"profile-formats = profile-default-eapi\nprofile_eapi_when_unspecified = x\n", "metadata/layout.conf:2: unsupported EAPI: \"x\"\n"},
		{"manifest-hashes = SHA512\nmanifest-required-hashes = MD5\n", "metadata/layout.conf:1: required hash is not one of manifest-hashes: \"MD5\"\n"},
		{"manifest-hashes = FOO\n", "metadata/layout.conf:1: unsupported hash: \"FOO\"\n"},
		{"manifest-required-hashes = SHA512\n", "metadata/layout.conf: given without manifest-hashes: \"manifest-required-hashes\"\n"},
		{"masters = \xff\n", "metadata/layout.conf:1: invalid UTF-8\n"},
	} {
		dir := lay(t, "")
		if err := os.MkdirAll(filepath.Join(dir, "metadata"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "metadata/layout.conf"), []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, errs := repos.ReadLayout(dir); problems(dir, errs) != c.want {
			t.Errorf("ReadLayout(%q) problems = %q, want %q", c.text, problems(dir, errs), c.want)
		}
	}
}

func TestProfileRules(t *testing.T) {
	for _, c := range []struct {
		files, eapi  string
		dirs, warned bool
	}{
		{"", "0", true, true},
		{"-- r/profiles/eapi --\n5\n", "0", true, true},
		{"-- r/profiles/eapi --\n7\n", "0", true, false},
		{"-- r/profiles/eapi --\n9\n", "9", true, false},
		{"-- r/metadata/layout.conf --\nprofile-formats = pms\n", "0", false, false},
		{"-- r/metadata/layout.conf --\nprofile-formats = portage-2\n", "0", true, false},
		{"-- r/metadata/layout.conf --\nprofile-formats = profile-default-eapi\nprofile_eapi_when_unspecified = 7\n", "7", true, false},
	} {
		dir := lay(t, c.files+"-- r/profiles/repo_name --\nr\n-- conf --\n[r]\nlocation = $DIR/r\nmasters =\n")
		r := load(dir).Get("r")
		if r.DefaultEAPI != c.eapi || r.ProfileDirs != c.dirs || r.DirsWarned != c.warned {
			t.Errorf("%q: EAPI %s, directories %v, warned %v; want %+v", c.files, r.DefaultEAPI, r.ProfileDirs, r.DirsWarned, c)
		}
	}
}

func TestValidName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"gentoo", "gentoo"}, {" my repo ", "my-repo"}, {"--x", "x"}, {"a.b/c", "a-b-c"}, {"...", ""}, {"é", ""}, {"_x-", "_x-"},
	} {
		if got := repos.ValidName(c.in); got != c.want {
			t.Errorf("ValidName(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{"[a]\nlocation = /x\n", "[DEFAULT]\na=%(b)s\nb=%(a)s\n[x]\n", "x", "[]\n=\n", "[a]\nb=\n c\n\n d\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "/") {
			t.Skip("do not look around the machine")
		}
		first, second := repos.Load(repos.Options{Text: &text}), repos.Load(repos.Options{Text: &text})
		if a, b := problems("", first.Problems), problems("", second.Problems); a != b {
			t.Fatalf("problems of %q: %q, then %q", text, a, b)
		}
	})
}

func FuzzReadLayout(f *testing.F) {
	f.Add("masters = a b\nprofile-formats = x\n")
	f.Add("=\n#\nmanifest-hashes = \n")
	dir := f.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "metadata"), 0o755); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(filepath.Join(dir, "metadata/layout.conf"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		repos.ReadLayout(dir)
	})
}
