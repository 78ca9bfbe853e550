package usedesc_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/usedesc"
)

// lines gives what use.local.desc says of a metadata.xml.
func lines(text string) string {
	flags, err := usedesc.Parse("metadata.xml", strings.NewReader(text))
	if err != nil {
		return "error: " + err.Error()
	}
	out, err := usedesc.Append(nil, "c/p", flags)
	if err != nil {
		out = fmt.Appendf(out, "error: %v\n", err)
	}
	return string(out)
}

// The answers are those of egencache --update-use-local-desc of Portage 3.0.82.
func TestAppend(t *testing.T) {
	const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<!DOCTYPE pkgmetadata SYSTEM "https://www.gentoo.org/dtd/metadata.dtd">` + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"sorted", `<pkgmetadata><use><flag name="b">B</flag><flag name="a">A</flag></use></pkgmetadata>`, "c/p:a - A\nc/p:b - B\n"},
		{"flattened", "<pkgmetadata><use><flag name=\"a\">\n\t one <pkg>x/y</pkg>,\u00a0<b>two<c>3</c></b>\n</flag></use></pkgmetadata>", "c/p:a - one x/y, two3\n"},
		{"tail", `<pkgmetadata><use><flag name="a">A</flag> tail <x/>no<flag name="b">B</flag></use></pkgmetadata>`, "c/p:a - A tail\nc/p:b - B\n"},
		{"comment", `<pkgmetadata><use><flag name="a">A<!-- c -->B</flag></use></pkgmetadata>`, "c/p:a - AB\n"},
		{"entities", `<pkgmetadata><use><flag name="a&amp;">&lt;&#65;&gt;</flag></use></pkgmetadata>`, "c/p:a& - <A>\n"},
		{"no name", `<pkgmetadata><use><flag>A</flag></use></pkgmetadata>`, ""},
		{"elsewhere", `<pkgmetadata><flag name="a">A</flag><x><use><flag name="b">B</flag></use></x></pkgmetadata>`, ""},
		{"nested", `<pkgmetadata><use><flag name="a">A<flag name="b">B</flag></flag></use></pkgmetadata>`, "c/p:a - AB\n"},
		{"first", `<pkgmetadata><use><flag name="a">1</flag><flag name="a">2</flag></use></pkgmetadata>`, "c/p:a - 1\n"},
		{"english", `<pkgmetadata><use lang="de"><flag name="a">eins</flag></use><use><flag name="a">plain</flag></use><use lang="en"><flag name="a">one</flag></use></pkgmetadata>`, "c/p:a - one\n"},
		{"no language", `<pkgmetadata><use lang="de"><flag name="a">eins</flag></use><use><flag name="a">plain</flag></use></pkgmetadata>`, "c/p:a - plain\n"},
		{"unrestricted", `<pkgmetadata><use><flag name="a" restrict="&gt;=c/p-9">9</flag><flag name="a">all</flag></use></pkgmetadata>`, "c/p:a - all\n"},
		{"plain name", `<pkgmetadata><use><flag name="a" restrict="&gt;=c/p-9">9</flag><flag name="a" restrict="c/p">all</flag></use></pkgmetadata>`, "c/p:a - all\n"},
		{"highest", `<pkgmetadata><use><flag name="a" restrict="&gt;=c/p-9">9</flag><flag name="a" restrict="&lt;c/p-10">10</flag></use></pkgmetadata>`, "c/p:a - 10\n"},
		{"operator", `<pkgmetadata><use><flag name="a" restrict="&gt;=c/p-9">ge</flag><flag name="a" restrict="&lt;c/p-9">lt</flag></use></pkgmetadata>`, "c/p:a - ge\n"},
		{"bad atom", `<pkgmetadata><use><flag name="a" restrict="what">1</flag><flag name="a">2</flag></use></pkgmetadata>`, "c/p:a - 1\nerror: USE flag a: "},
		{"one bad atom", `<pkgmetadata><use><flag name="a" restrict="what">1</flag></use></pkgmetadata>`, "c/p:a - 1\n"},
		{"empty", `<pkgmetadata><use><flag name="a"/></use></pkgmetadata>`, "c/p:a - \n"},
		{"not closed", `<pkgmetadata><use>`, "error: metadata.xml:3: "},
		{"nothing", ``, "error: metadata.xml:3: no element found"},
		{"two roots", `<a/><b/>`, "error: metadata.xml:3: junk after document element"},
		{"text outside", `<a/>b`, "error: metadata.xml:3: text outside of the document element"},
		{"duplicate attribute", `<a><use><flag name="a" name="b"/></use></a>`, "error: metadata.xml:3: duplicate attribute name"},
	} {
		got := lines(head + c.text)
		if got != c.want && (!strings.Contains(c.want, "error") || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEncodings(t *testing.T) {
	for text, want := range map[string]string{
		`<?xml version="1.0" encoding="ISO-8859-1"?>` + "<a><use><flag name='a'>\xe4\xfc</flag></use></a>": "c/p:a - äü\n",
		`<?xml version="1.0" encoding="utf-8"?>` + "<a><use><flag name='a'>ä</flag></use></a>":             "c/p:a - ä\n",
	} {
		if got := lines(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := lines(`<?xml version="1.0" encoding="koi8-r"?><a/>`); !strings.Contains(got, "encoding koi8-r is not known") {
		t.Errorf("unknown encoding: %q", got)
	}
}

func TestComments(t *testing.T) {
	for existing, want := range map[string]string{
		"":                            "\n",
		"# one\n# two\n\nc/p:a - A\n": "# one\n# two\n\n",
		"c/p:a - A\n# no\n":           "\n",
		"# one":                       "# one\n",
		"#\nc/p:a - A\n# not this\n":  "#\n\n",
	} {
		if got := string(usedesc.Comments([]byte(existing))); got != want {
			t.Errorf("Comments(%q) = %q, want %q", existing, got, want)
		}
	}
}

// TestCorpus compares the whole file of two repositories with that of egencache.
func TestCorpus(t *testing.T) {
	for repository, want := range map[string]string{
		"portage-stable": "c46fbd861a187622567777ae8dd44792a0708ded71091af8ef90d261829131e4",
		"coreos-overlay": "b0a47e725aeaf35ba8ee6410b2d77c0a0c05746e9dd1017a0fad7e5d9358cfcd",
	} {
		base := sharedtest.Path(t, "corpus/flatcar/trees", repository)
		paths, err := filepath.Glob(filepath.Join(base, "*/*/metadata.xml"))
		if err != nil {
			t.Fatal(err)
		}
		out := []byte(usedesc.Header)
		var cps []string
		for _, p := range paths {
			rel, _ := filepath.Rel(base, filepath.Dir(p))
			cps = append(cps, rel)
		}
		slices.Sort(cps)
		for _, cp := range cps {
			f, err := os.Open(filepath.Join(base, cp, "metadata.xml"))
			if err != nil {
				t.Fatal(err)
			}
			flags, err := usedesc.Parse(f.Name(), f)
			f.Close()
			if err != nil {
				t.Error(err)
			}
			if out, err = usedesc.Append(out, atoms.CP(cp), flags); err != nil {
				t.Error(err)
			}
		}
		sum := sha256.Sum256(out)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: %d bytes with digest %s, want %s", repository, len(out), got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`<?xml version="1.0"?><a><use lang="en"><flag name="a" restrict="&gt;=c/p-1">x<b/>y</flag></use></a>`)
	f.Add(`<?xml version="1.0" encoding="latin1"?><a/>`)
	f.Fuzz(func(t *testing.T, text string) {
		flags, err := usedesc.Parse("x", io.LimitReader(strings.NewReader(text), 1<<16))
		if err != nil {
			return
		}
		out, _ := usedesc.Append(nil, "c/p", flags)
		if strings.Count(string(out), "\n") < len(flags) {
			t.Errorf("%d lines of %d flags", strings.Count(string(out), "\n"), len(flags))
		}
	})
}
