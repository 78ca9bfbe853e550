package profiles_test

import (
	"testing"

	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

// TestCorpusLoads loads the configurations of the corpus, in which nothing is
// wrong.
func TestCorpusLoads(t *testing.T) {
	for _, target := range profilestest.Targets() {
		c, err := profiles.Load(profilestest.Corpus(t, target, nil))
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		for _, w := range c.Warnings() {
			t.Errorf("%s: %v", target, w)
		}
		if len(c.Nodes) < 18 || c.Get("PYTHON_TARGETS") != "python3_12" || c.Arch() == "" {
			t.Errorf("%s: %d nodes, PYTHON_TARGETS=%q, ARCH=%q", target, len(c.Nodes), c.Get("PYTHON_TARGETS"), c.Arch())
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	o := profilestest.Corpus(b, "amd64-usr", nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := profiles.Load(o); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzLoad reads files of arbitrary content, twice.
func FuzzLoad(f *testing.F) {
	f.Add("ARCH=x86\nUSE=\"a -b\"", "cat/pkg a VID: -*", "-cat/pkg\n# x\n=cat/pkg-1", "*/* @A -*")
	f.Add("USE_EXPAND=\"A_ A\"\nA=\"+ - *\"", "*/* _* -_*", "*/*::x", "x")
	f.Add("FEATURES=\"unknown-features-filter -\"\nUSE_ORDER=\"x:env:env\"", "", "", "a/b -@A @")
	f.Fuzz(func(t *testing.T, variables, use, mask, license string) {
		root := profilestest.Lay(t, mainRepo)
		for name, text := range map[string]string{
			"make.profile/parent": "a_main:base\n", "make.profile/make.defaults": variables, "make.conf": variables,
			"package.use": use, "make.profile/package.use": use, "make.profile/use.mask": use,
			"package.mask": mask, "make.profile/package.mask": mask,
			"package.license": license, "package.accept_keywords": license, "license_groups": license,
		} {
			profilestest.Write(t, root+"/etc/portage/"+name, text)
		}
		o := profilestest.Options(t, root)
		first, err := profiles.Load(o)
		second, err2 := profiles.Load(o)
		if err != nil || err2 != nil {
			if err == nil || err2 == nil || err.Error() != err2.Error() {
				t.Fatalf("errors differ: %v, %v", err, err2)
			}
			return
		}
		for _, name := range first.Vars.Names() {
			if first.Get(name) != second.Get(name) {
				t.Errorf("%s differs: %q, %q", name, first.Get(name), second.Get(name))
			}
		}
		if len(first.Warnings()) != len(second.Warnings()) {
			t.Errorf("warnings differ: %v, %v", first.Warnings(), second.Warnings())
		}
	})
}
