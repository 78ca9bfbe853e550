package install_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/merge/install"
)

// call runs a command on an image in a temporary folder.
func call(t *testing.T, eapiName string, nonfatal bool, vars map[string]string, words ...string) (install.Result, string, string) {
	t.Helper()
	features, ok := eapi.Lookup(eapiName)
	if !ok {
		t.Fatalf("no EAPI %s", eapiName)
	}
	base := t.TempDir()
	for _, dir := range []string{"D", "T", "cwd"} {
		if err := os.Mkdir(filepath.Join(base, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(base+"/cwd/file", []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"D": base + "/D", "ED": base + "/D", "T": base + "/T", "PF": "pkg-1", "__E_DESTTREE": "/usr",
		"DESTTREE": "", "INSOPTIONS": "-m0644"}
	for k, v := range vars {
		all[k] = v
	}
	var out bytes.Buffer
	res := install.Run(&install.Call{Name: words[0], Args: words[1:], Dir: base + "/cwd",
		Var: func(n string) string { return all[n] }, EAPI: features, Nonfatal: nonfatal, Out: &out})
	return res, out.String(), base + "/D"
}

// TestDie holds which failures end the phase: from EAPI 4 those of a command that
// fails, but under nonfatal; always what an EAPI bans.
func TestDie(t *testing.T) {
	tests := []struct {
		eapi     string
		nonfatal bool
		vars     map[string]string
		words    string
		status   int
		die      string // part of the reason
	}{
		{eapi: "8", words: "doins file"},
		{eapi: "8", words: "doins gone", status: 1, die: "doins failed"},
		{eapi: "8", nonfatal: true, words: "doins gone", status: 1},
		{eapi: "3", words: "doins gone", status: 1},
		{eapi: "8", words: "dosym a", status: 1, die: "two arguments"},
		{eapi: "8", nonfatal: true, words: "dosym a /usr/", status: 0},
		{eapi: "8", words: "dosym a /usr/", status: 1, die: "name of the link"},
		{eapi: "7", words: "dohtml file", status: 1, die: "EAPI 7"},
		{eapi: "7", nonfatal: true, words: "dolib file", status: 1, die: "EAPI 7"},
		{eapi: "6", words: "dolib file"},
		{eapi: "9", nonfatal: true, words: "domo file", status: 1, die: "EAPI 9"},
		{eapi: "4", words: "doheader file", status: 1, die: "not supported in EAPI 4"},
		{eapi: "4", words: "dosed file", status: 1, die: "EAPI 4"},
		{eapi: "7", nonfatal: true, vars: map[string]string{"DESTTREE": "/x"}, words: "dobin file", status: 1, die: "DESTTREE"},
		{eapi: "7", nonfatal: true, vars: map[string]string{"INSDESTTREE": "/x"}, words: "doins file", status: 1, die: "INSDESTTREE"},
		{eapi: "8", vars: map[string]string{"INSOPTIONS": "-m"}, words: "doins file", status: 1, die: "doins failed"},
		{eapi: "8", vars: map[string]string{"INSOPTIONS": "-m u~rw"}, words: "doins file", status: 1, die: "doins failed"},
		{eapi: "8", words: "newins - x", status: 1, die: "terminal"},
		{eapi: "8", words: "nosuch x", status: 127},
	}
	for _, tt := range tests {
		res, out, _ := call(t, tt.eapi, tt.nonfatal, tt.vars, strings.Fields(tt.words)...)
		if res.Status != tt.status || (tt.die == "") != (res.Die == "") || !strings.Contains(res.Die, tt.die) {
			t.Errorf("EAPI %s, nonfatal %v: %s = %d, die %q; want %d, die with %q\n%s",
				tt.eapi, tt.nonfatal, tt.words, res.Status, res.Die, tt.status, tt.die, out)
		}
	}
}

// TestNotices holds that questionable calls are told without failing.
func TestNotices(t *testing.T) {
	for _, words := range []string{"dodoc", "newins file a b", "doman file.1.gz"} {
		res, _, _ := call(t, "8", false, nil, strings.Fields(words)...)
		if len(res.Notices) != 1 || !strings.HasPrefix(res.Notices[0], "QA Notice: ") {
			t.Errorf("%s: notices %q, want one", words, res.Notices)
		}
	}
}

// TestSparse holds that holes stay holes.
func TestSparse(t *testing.T) {
	features, _ := eapi.Lookup("8")
	base := t.TempDir()
	f, err := os.Create(base + "/sparse")
	if err != nil {
		t.Fatal(err)
	}
	const size = 4 << 30
	for _, at := range []int64{1 << 20, 3 << 30} {
		if _, err := f.WriteAt([]byte("data"), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"ED": base + "/D", install.VarInsinto: "/x", install.VarInsopts: "-m0644"}
	res := install.Run(&install.Call{Name: "doins", Args: []string{"sparse"}, Dir: base,
		Var: func(n string) string { return vars[n] }, EAPI: features, Out: os.Stderr})
	if res.Status != 0 {
		t.Fatalf("doins: %+v", res)
	}
	g, err := os.Open(base + "/D/x/sparse")
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	info, err := g.Stat()
	if err != nil || info.Size() != size {
		t.Fatalf("size %v, want %d (%v)", info.Size(), int64(size), err)
	}
	buf := make([]byte, 4)
	if _, err := g.ReadAt(buf, 3<<30); err != nil || string(buf) != "data" {
		t.Errorf("content %q at the second place: %v", buf, err)
	}
}

// FuzzOptions: whatever insopts was given, doins neither panics nor leaves the image.
func FuzzOptions(f *testing.F) {
	for _, s := range []string{"-m0644", "-m u=rw,g=r -p", "--mode=+X", "-o", "-g 0", "-m 7777777777777", "-m =", "-m u=g+x-o"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, opts string) {
		if strings.ContainsAny(opts, "tDSCbZs") { // words for install(1) itself, which may write elsewhere
			t.Skip()
		}
		call(t, "8", true, map[string]string{"INSOPTIONS": opts}, "doins", "file")
	})
}

func ExampleRun() {
	features, _ := eapi.Lookup("8")
	image, err := os.MkdirTemp("", "image")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(image)
	res := install.Run(&install.Call{Name: "dosym", Args: []string{"-r", "/usr/lib/tool", "/usr/bin/tool"},
		Var: func(name string) string { return map[string]string{"ED": image}[name] }, EAPI: features, Out: os.Stderr})
	to, err := os.Readlink(image + "/usr/bin/tool")
	fmt.Println(res.Status, to, err)
	// Output: 0 ../lib/tool <nil>
}
